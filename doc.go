// Package brevdue holds the words of the trade that every room shares: the
// canonical [Letter] and its parts, the people and places in it, what is wrong
// with it ([Finding]), what was answered ([Receipt]), what is owed for it
// ([Duty]) and where it stands ([Status]).
//
// Specification: the words are MedCom's (DIS91/XDIS91 version D9134L/XD9134L,
// and FHIR CareCommunication 5.0 for the thread, category and attachments) and
// the regional agreement's (AGR-n). The canonical letter is wide enough for all
// three formats, so that a format is an addition and never a rebuild.
//
// Deliberately missing: bytes, files, databases and clocks. Reading and writing
// formats is the work of the rooms above (medcom, receipt); time is always
// passed in by the caller.
//
// What surprises: a legacy letter carries local Danish wall-clock time without
// zone or seconds, so times inside a letter are a [LocalTime] and not a
// time.Time; kalender turns one into the other. A [CPR] prints masked; only
// [CPR.Reveal] shows the digits.
package brevdue
