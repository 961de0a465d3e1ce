package medcom

import (
	"slices"

	"brevdue"
)

// The words of the OIOXML value lists, out of the tables that both formats share.
var (
	idCodeWords = func() []string {
		var all []string
		for _, c := range idCodes {
			all = add(all, c.xml)
		}
		return add(all, string(brevdue.IDCounty)) // without EDIFACT form
	}()
	episodeWords    = words(episodeCodes)
	objectCodeWords = words(objectCodes)
	extensionWords  = words(extensionCodes)
	// specialties are all words but hospital paediatrics, which never joined the
	// OIOXML list (std:xdis91 §1.4); trimmed.
	specialties = slices.DeleteFunc(words(specialtyCodes91), func(w string) bool { return w == hospitalPaediatrics })
)

// hospitalPaediatrics is the one specialty that only DIS91 has.
const hospitalPaediatrics = "paediatri_sygehus"

// words returns the OIOXML side of a table, each word once.
func words(pairs []codePair) []string {
	var all []string
	for _, p := range pairs {
		all = add(all, p.xml)
	}
	return all
}

func add(all []string, word string) []string {
	if slices.Contains(all, word) {
		return all
	}
	return append(all, word)
}
