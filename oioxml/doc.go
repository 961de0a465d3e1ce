// Package oioxml reads the XML of MedCom's OIOXML documents (and of the VANS
// envelope) to a lossless tree with byte offsets, checks a tree against a
// schema-ordered [Grammar], and writes a document back byte for byte.
//
// Specification: XML 1.0 and Namespaces in XML, as far as std:xdis91 §1.1 needs
// them: windows-1252, ISO-8859-1 and UTF-8, with or without byte order mark.
//
// Deliberately missing: document type declarations and entities (refused, never
// expanded), UTF-16, and any meaning of the elements; letters are the work of
// package medcom.
//
// What surprises: [Read] always returns a document, also for broken input; it
// then holds everything up to the place where reading had to stop. Offsets are
// those of the original bytes whatever the encoding. Bytes 0x80-0x9F of a
// document declared ISO-8859-1 read as windows-1252, because that is what
// senders mean by them.
package oioxml
