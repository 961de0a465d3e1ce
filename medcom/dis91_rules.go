package medcom

import "brevdue"

// The rules that only an EDIFACT letter can break.
var (
	ruleDMessage  = rule("DIS91-TYPE-01", brevdue.SeverityError, "§2.2", "Forsendelsen har også en anden slags meddelelse, som ikke læses her: %s.", "The interchange also holds a message of another kind, which is not read here: %s.")
	ruleDType     = rule("DIS91-TYPE-02", brevdue.SeverityWarning, "§2.2", "Brevtypen er ikke %s alle de steder, den står.", "The letter type is not %s in every place it stands.")
	ruleDMissing  = rule("DIS91-SEG-01", brevdue.SeverityError, "§2.3", "%s mangler.", "%s is missing.")
	ruleDTwice    = rule("DIS91-SEG-02", brevdue.SeverityError, "§2.3", "%s står her mere end én gang.", "%s stands here more than once.")
	ruleDStray    = rule("DIS91-SEG-03", brevdue.SeverityError, "§2.3", "%s hører ikke til her.", "%s does not belong here.")
	ruleDIgnored  = rule("DIS91-SEG-04", brevdue.SeverityWarning, "§3", "%s hører ikke til hos modtageren og er ikke læst.", "%s does not belong to the receiver and was not read.")
	ruleDSpared   = rule("DIS91-SEG-05", brevdue.SeverityWarning, "§2.3", "%s mangler; brevet kan læses uden.", "%s is missing; the letter can be read without it.")
	ruleDOrder    = rule("DIS91-SEG-06", brevdue.SeverityWarning, "§2.3", "%s står ikke på sin plads i rækkefølgen.", "%s is out of order.")
	ruleDGroup    = rule("DIS91-GRP-01", brevdue.SeverityError, "§2.3", "Segmentgruppen %s findes ikke i korrespondancebrevet.", "There is no segment group %s in the correspondence letter.")
	ruleDGroup05  = rule("DIS91-GRP-02", brevdue.SeverityInfo, "§2.3", "Segmentgruppen S05 læses ikke.", "The segment group S05 is not read.")
	ruleDParty    = rule("DIS91-PARTY-01", brevdue.SeverityError, "§2.2", "Der skal være netop én part med NAD+%s.", "There must be exactly one party with NAD+%s.")
	ruleDNeeds    = rule("DIS91-VALUE-01", brevdue.SeverityError, "§2.4", "%s er ikke udfyldt.", "%s is not filled in.")
	ruleDLong     = rule("DIS91-VALUE-02", brevdue.SeverityError, "§2.4", "%s er på %d tegn; der må højst være %d.", "%s has %d characters; at most %d are allowed.")
	ruleDCode     = rule("DIS91-CODE-01", brevdue.SeverityError, "§1.4", "Koden i %s er ukendt.", "The code in %s is unknown.")
	ruleDIDCode   = rule("DIS91-CODE-02", brevdue.SeverityWarning, "§3", "Kodelisten for partens nummer mangler eller er ukendt; nummeret er læst som lokationsnummer.", "The code list of the party's identifier is missing or unknown; it was read as a location number.")
	ruleDNoPAS    = rule("DIS91-CODE-03", brevdue.SeverityWarning, "§3", "Forløbets status (PAS) mangler; den er læst som inaktiv.", "The state of the course (PAS) is missing; it was read as inactive.")
	ruleDAck      = rule("DIS91-CODE-04", brevdue.SeverityError, "§3", "Ønsket om kvittering (UNB element 9) er hverken 0 eller 1.", "The request for a receipt (UNB element 9) is neither 0 nor 1.")
	ruleDConstant = rule("DIS91-CODE-05", brevdue.SeverityWarning, "§2.4", "%s skal altid være %s.", "%s must always be %s.")
	ruleDTime     = rule("DIS91-TIME-01", brevdue.SeverityError, "§2.4", "%s er ikke en gyldig dato med klokkeslæt.", "%s is not a valid date and time.")
	ruleDTwoTimes = rule("DIS91-TIME-02", brevdue.SeverityInfo, "§3", "Brevets to tidspunkter (DTM+137 og DTM+182) er forskellige; det første gælder.", "The letter's two times (DTM+137 and DTM+182) differ; the first counts.")
	ruleDSRI      = rule("DIS91-ID-01", brevdue.SeverityError, "§2.2", "Brevnummeret i RFF+SRI er ikke det samme som i UNH.", "The letter number in RFF+SRI is not the one in UNH.")
	ruleDBothIDs  = rule("DIS91-ID-02", brevdue.SeverityWarning, "§3", "Både personnummer og erstatningsnummer er angivet; personnummeret gælder.", "Both a civil registration number and a replacement number are given; the former counts.")
	ruleDNoID     = rule("DIS91-ID-03", brevdue.SeverityError, "§3", "Hverken personnummer eller erstatningsnummer er angivet.", "Neither a civil registration number nor a replacement number is given.")
	ruleDCPR      = rule("DIS91-ID-04", brevdue.SeverityError, "§1.3", "Personnummeret er ikke ti cifre.", "The civil registration number is not ten digits.")
	ruleDXPI      = rule("DIS91-ID-05", brevdue.SeverityError, "§1.3", "Erstatningsnummeret er ikke på ti tegn.", "The replacement number does not have ten characters.")
	ruleDSubject  = rule("DIS91-TEXT-01", brevdue.SeverityWarning, "§3", "Brevet har mere end ét emne; resten er læst som tekst.", "The letter has more than one subject; the rest was read as text.")
	ruleDFormat   = rule("DIS91-TEXT-02", brevdue.SeverityInfo, "§2.5", "Formatkoden er ukendt; teksten er læst med fast skrifttype.", "The format code is unknown; the text was read as fixed font.")
	ruleDS14      = rule("DIS91-TEXT-03", brevdue.SeverityError, "§2.3", "Segmentgruppen S14 er tom.", "The segment group S14 is empty.")
	ruleDMuchText = rule("DIS91-TEXT-04", brevdue.SeverityWarning, "§2.5", "Der er flere end %d FTX i én S14; alle er læst.", "There are more than %d FTX in one S14; all were read.")
	ruleDWide     = rule("DIS91-TEXT-05", brevdue.SeverityWarning, "§2.5", "En FTX har flere end fem tekstfelter, eller et af dem er længere end 70 tegn; alt er læst.", "An FTX has more than five text components, or one of them is longer than 70 characters; all was read.")
	ruleDMany     = rule("DIS91-TEXT-06", brevdue.SeverityError, "§2.3", "Brevet har mere end %d tekstdele eller bilag.", "The letter has more than %d texts or references.")
	ruleDTest     = rule("DIS91-TEST-01", brevdue.SeverityInfo, "§2.2", "Forsendelsen er mærket som en prøve.", "The interchange is marked as a test.")
)

// The rules of writing DIS91.
var (
	ruleDReplaced   = rule("DIS91-WRITE-01", brevdue.SeverityWarning, "§2.1", "Tegnet %q kan ikke skrives og er erstattet af %q.", "The character %q cannot be written and was replaced by %q.")
	ruleDSplit      = rule("DIS91-WRITE-02", brevdue.SeverityWarning, "§2.5", "En meget lang linje er delt i flere.", "A very long line was divided.")
	ruleDWNeeds     = rule("DIS91-WRITE-03", brevdue.SeverityError, "§2.4", "%s skal være udfyldt.", "%s must be filled in.")
	ruleDWLong      = rule("DIS91-WRITE-04", brevdue.SeverityError, "§2.4", "%s er på %d tegn; der er plads til %d.", "%s has %d characters; there is room for %d.")
	ruleDWCode      = rule("DIS91-WRITE-05", brevdue.SeverityError, "§1.4", "Værdien i %s kan ikke skrives i DIS91.", "The value in %s cannot be written in DIS91.")
	ruleDWMany      = rule("DIS91-WRITE-06", brevdue.SeverityError, "§2.6", "Der er %d bilag; højst %d kan være i ét brev.", "There are %d attachments; at most %d fit in one letter.")
	ruleDWText      = rule("DIS91-WRITE-07", brevdue.SeverityError, "§2.5", "Teksten er for lang til DIS91: den fylder %d tekstdele, og der er plads til %d.", "The text is too long for DIS91: it needs %d text groups and there is room for %d.")
	ruleDWURL       = rule("DIS91-WRITE-08", brevdue.SeverityError, "§2.6", "Linket er på %d tegn; der er plads til %d.", "The link has %d characters; there is room for %d.")
	ruleDWSpecialty = rule("DIS91-WRITE-09", brevdue.SeverityWarning, "§1.4", "Specialet er ukendt og er skrevet som 99.", "The specialty is unknown and was written as 99.")
	ruleDWNone      = rule("DIS91-WRITE-10", brevdue.SeverityError, "§2.3", "Der er intet brev at skrive.", "There is no letter to write.")
	ruleDWStyle     = rule("DIS91-WRITE-11", brevdue.SeverityWarning, "§2.5", "En centreret eller højrestillet linje kan ikke også være fed, kursiv eller understreget; det er udeladt.", "A centred or right-aligned line cannot also be bold, italic or underlined; that was left out.")
	ruleDWParts     = rule("DIS91-WRITE-12", brevdue.SeverityInfo, "§2.5", "Teksten er fordelt på flere tekstdele, fordi den er lang.", "The text was spread over several parts because it is long.")
	ruleDWParties   = rule("DIS91-WRITE-13", brevdue.SeverityError, "§3", "Brevene har ikke samme lokationsnumre som kuverten; DIS91 har kun plads til ét sæt.", "The letters do not have the location numbers of the envelope; DIS91 has room for one set only.")
)

var dis91Rules = []brevdue.Rule{
	ruleDMessage, ruleDType, ruleDMissing, ruleDTwice, ruleDStray, ruleDIgnored, ruleDSpared, ruleDOrder, ruleDGroup, ruleDGroup05, ruleDParty,
	ruleDNeeds, ruleDLong, ruleDCode, ruleDIDCode, ruleDNoPAS, ruleDAck, ruleDConstant, ruleDTime, ruleDTwoTimes, ruleDSRI, ruleDBothIDs,
	ruleDNoID, ruleDCPR, ruleDXPI, ruleDSubject, ruleDFormat, ruleDS14, ruleDMuchText, ruleDWide, ruleDMany, ruleDTest,
	ruleDReplaced, ruleDSplit, ruleDWNeeds, ruleDWLong, ruleDWCode, ruleDWMany, ruleDWText, ruleDWURL, ruleDWSpecialty, ruleDWNone, ruleDWStyle,
	ruleDWParts, ruleDWParties,
}
