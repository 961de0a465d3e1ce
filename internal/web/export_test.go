package web

import "brevdue/internal/mailbox"

// Route is a row of the table of addresses.
type Route struct {
	Pattern string
	Needs   mailbox.Right
}

// Routes returns the table of addresses.
func (wb *Workbench) Routes() (all []Route) {
	for _, r := range wb.table() {
		all = append(all, Route{r.pattern, r.needs})
	}
	return all
}
