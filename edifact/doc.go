// Package edifact reads and writes UN/EDIFACT interchanges as Danish health
// messages use them: bytes to a tree with places, and back byte for byte.
//
// Specification: ISO 9735 syntax version 3, level UNOC, as std:xdis91 §2.1-§2.2
// describes it, and the object segments UNO/UNP of binary letters (§6.3), whose
// raw bytes are skipped by their stated length and never looked at.
//
// Deliberately missing: functional groups (UNG/UNE), segment dictionaries and
// message grammars; what the segments mean is the work of medcom and receipt.
//
// What surprises: segment groups have trigger segments of their own (S01+01') and
// they count. CR and LF inside data are deleted. The separators of UNA are
// obeyed, also unusual ones. Places are offsets until somebody asks: line, column
// and path are worked out only for a finding. Bytes that are plainly UTF-8 are
// read as such, with a warning.
package edifact
