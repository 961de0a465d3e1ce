package edifact

import "brevdue"

func rule(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Text: da, TextEN: en, Ref: "std:xdis91 " + ref}
}

// The rules of the syntax.
var (
	ruleEmpty      = rule("EDI-EMPTY-01", brevdue.SeverityError, "§2.1", "Filen er tom.", "The file is empty.")
	ruleNoUNA      = rule("EDI-UNA-01", brevdue.SeverityInfo, "§2.1", "UNA mangler; de sædvanlige skilletegn er brugt.", "UNA is missing; the usual separators were used.")
	ruleBadUNA     = rule("EDI-UNA-02", brevdue.SeverityError, "§2.1", "UNA er ufuldstændig, eller dens skilletegn kan ikke bruges.", "UNA is incomplete, or its separators cannot be used.")
	ruleUTF8       = rule("EDI-CHARSET-01", brevdue.SeverityWarning, "§2.1", "Tegnene er UTF-8 og ikke ISO-8859-1; de er læst som UTF-8.", "The characters are UTF-8 and not ISO-8859-1; they were read as UTF-8.")
	ruleC1         = rule("EDI-CHARSET-02", brevdue.SeverityInfo, "§2.1", "Et tegn findes ikke i ISO-8859-1 og er læst som windows-1252.", "A character is not in ISO-8859-1 and was read as windows-1252.")
	ruleRelease    = rule("EDI-REL-01", brevdue.SeverityWarning, "§2.1", "Frigivelsestegnet står foran et tegn, der ikke skal frigives.", "The release character stands before a character that needs no release.")
	ruleTag        = rule("EDI-TAG-01", brevdue.SeverityError, "§2.1", "Segmentet begynder ikke med en kode på tre store bogstaver eller cifre.", "The segment does not begin with a code of three capital letters or digits.")
	ruleTruncated  = rule("EDI-END-01", brevdue.SeverityError, "§2.1", "Det sidste segment er ikke afsluttet; filen er formentlig afkortet.", "The last segment has no terminator; the file is probably cut short.")
	ruleNoUNB      = rule("EDI-UNB-01", brevdue.SeverityError, "§2.2", "UNB mangler: forsendelsen har ingen kuvert.", "UNB is missing: the interchange has no envelope.")
	ruleSecond     = rule("EDI-UNB-02", brevdue.SeverityError, "§2.2", "Der står mere efter UNZ; kun den første forsendelse er læst.", "There is more after UNZ; only the first interchange was read.")
	ruleLateUNB    = rule("EDI-UNB-04", brevdue.SeverityError, "§2.2", "UNB står ikke først, eller der er flere af dem.", "UNB does not stand first, or there is more than one.")
	ruleNoUNZ      = rule("EDI-UNZ-01", brevdue.SeverityError, "§2.2", "UNZ mangler: forsendelsen er ikke afsluttet.", "UNZ is missing: the interchange is not closed.")
	ruleUNZCount   = rule("EDI-UNZ-02", brevdue.SeverityError, "§2.2", "UNZ angiver et andet antal meddelelser, end der er: %d.", "UNZ gives another number of messages than there are: %d.")
	ruleUNZRef     = rule("EDI-UNZ-03", brevdue.SeverityError, "§2.2", "Kuvertnummeret i UNZ er ikke det samme som i UNB.", "The control reference in UNZ is not the one in UNB.")
	ruleNoUNH      = rule("EDI-UNH-01", brevdue.SeverityError, "§2.2", "UNH mangler: forsendelsen indeholder ingen meddelelse.", "UNH is missing: the interchange holds no message.")
	ruleStray      = rule("EDI-UNH-02", brevdue.SeverityError, "§2.2", "Segmentet står uden for en meddelelse.", "The segment stands outside a message.")
	ruleNoUNT      = rule("EDI-UNT-01", brevdue.SeverityError, "§2.2", "UNT mangler: meddelelsen er ikke afsluttet.", "UNT is missing: the message is not closed.")
	ruleUNTCount   = rule("EDI-UNT-02", brevdue.SeverityError, "§2.2", "UNT angiver et andet antal segmenter, end der er: %d.", "UNT gives another number of segments than there are: %d.")
	ruleUNTRef     = rule("EDI-UNT-03", brevdue.SeverityError, "§2.2", "Brevnummeret i UNT er ikke det samme som i UNH.", "The message reference in UNT is not the one in UNH.")
	ruleSyntax     = rule("EDI-UNB-03", brevdue.SeverityWarning, "§2.1", "UNB angiver ikke syntaks UNOC version 3.", "UNB does not name syntax UNOC version 3.")
	ruleLong       = rule("EDI-SIZE-01", brevdue.SeverityError, "§2.1", "Segmentet er længere end %d tegn; resten er ikke læst.", "The segment is longer than %d characters; the rest was not read.")
	ruleMany       = rule("EDI-SIZE-02", brevdue.SeverityError, "§2.1", "Filen har flere end %d segmenter eller %d felter; resten er ikke læst.", "The file has more than %d segments or %d fields; the rest was not read.")
	ruleSize       = rule("EDI-SIZE-03", brevdue.SeverityError, "§2.1", "Filen er større end %d tegn og er ikke læst.", "The file is larger than %d bytes and was not read.")
	ruleMessages   = rule("EDI-SIZE-04", brevdue.SeverityError, "§2.2", "Forsendelsen har flere end %d meddelelser; resten er ikke læst.", "The interchange has more than %d messages; the rest was not read.")
	ruleObjectSize = rule("EDI-UNO-01", brevdue.SeverityError, "§6.3", "UNO angiver ikke en længde, som filen kan rumme; den er formentlig afkortet. Bed afsenderen sende den igen.", "UNO does not give a length the file can hold; it was probably cut short. Ask the sender to send it again.")
	ruleObjectEnd  = rule("EDI-UNO-02", brevdue.SeverityError, "§6.3", "UNO angiver en anden længde end de %d byte, der er før UNP. Afsenderen skal sende bilaget igen med den rigtige.", "UNO gives another length than the %d bytes that come before UNP. The sender must send the attachment again with the right one.")
)

// Rules returns the rules of the syntax.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{
		ruleEmpty, ruleNoUNA, ruleBadUNA, ruleUTF8, ruleC1, ruleRelease, ruleTag, ruleTruncated, ruleNoUNB, ruleSecond, ruleSyntax,
		ruleNoUNZ, ruleUNZCount, ruleUNZRef, ruleNoUNH, ruleStray, ruleNoUNT, ruleUNTCount, ruleUNTRef, ruleLong, ruleMany, ruleSize, ruleMessages, ruleLateUNB, ruleObjectSize, ruleObjectEnd,
	}
}
