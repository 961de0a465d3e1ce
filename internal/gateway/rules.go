package gateway

import "brevdue"

// What only the receiving installation can find wrong with a letter.
var (
	ruleReceiver = brevdue.Rule{ID: "GW-RECEIVER-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §8",
		Text: "Modtagerens lokationsnummer hører ikke til her.", TextEN: "The receiver's location number does not belong to this installation."}
	ruleReused = brevdue.Rule{ID: "GW-REUSED-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §8",
		Text: "Brevnummeret er brugt før af samme afsender til et brev med andet indhold.", TextEN: "The letter number was used before by the same sender for a letter with other content."}
	ruleVersion = brevdue.Rule{ID: "GW-VERSION-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §5.1",
		Text: "Brevtypens version behandles ikke her.", TextEN: "This version of the letter type is not handled here."}
	ruleFuture = brevdue.Rule{ID: "GW-SENT-01", Severity: brevdue.SeverityWarning, Ref: "AGR-601",
		Text:   "Afsendelsestidspunktet ligger i fremtiden; fristen regnes fra modtagelsen.",
		TextEN: "The sending time lies in the future; the deadline counts from the arrival."}
	ruleNoTime = brevdue.Rule{ID: "GW-SENT-02", Severity: brevdue.SeverityWarning, Ref: "AGR-601",
		Text:   "Afsendelsestidspunktet kan ikke læses; fristen regnes fra modtagelsen.",
		TextEN: "The sending time cannot be read; the deadline counts from the arrival."}
)

// Rules returns the rules of the gateway.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{ruleReceiver, ruleReused, ruleFuture, ruleNoTime, ruleVersion}
}
