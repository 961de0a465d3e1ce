// The numbers that follow the stream on every page that has one: unread and late in the
// menu, unread in the title of the tab.
export function counts(n) {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = n.unread > 0 ? `(${n.unread}) ${title}` : title;
  for (const [name, number] of [["[data-unread]", n.unread], ["[data-late]", n.late]]) {
    for (const count of document.querySelectorAll(name)) {
      count.textContent = number || "";
      count.classList.toggle("late", n.late > 0);
    }
  }
}
