// Package aftale puts a regional agreement to work: it reads the agreement's
// file strictly, chooses the one in force, sorts subjects, says who may start, and
// computes by when a letter must be read, and why, in one sentence.
//
// Specification: AGR-101 to AGR-1003 with the ambiguities Amb-1 to Amb-25; the
// agreement itself is data (data/midtjylland), written in the words of those who
// signed it. docs/aftale.md explains the file to them, in Danish.
//
// Deliberately missing: any rule of any one agreement in code, any clock, and
// any knowledge of letters' formats. The vocabulary of the file is closed: what
// cannot be said with it needs a new, named rule here.
//
// What surprises: a file without gyldig_fra is a draft and never applies, also the
// shipped one. Deadlines are about reading, not answering (AGR-608). They count
// from the sender's time; only general practice counts from arrival. Due is always
// the time that counts as met or missed; under the shift rule that is the end of
// the shift after the one of arrival. Where something is not known, the two sides
// differ on purpose: a hospital unit of unknown class reads as a ward and promises
// as a clinic. A file may be 64 KB and twelve lists deep, no more: the YAML parser's
// time grows with the square of both.
package aftale
