package medcom

import "brevdue"

// The rules of files and of attachment messages. What their segments and elements
// share with the letter is judged by the letter's rules (DIS91-…, XML-…), and
// parties and citizen by the MC-… rules.
var (
	ruleBObjects   = rule("BIN-OBJECT-01", brevdue.SeverityError, "§6.3", "Bilagsmeddelelsen har %d filer; der skal være 1 til %d. Fordel dem på flere meddelelser.", "The attachment message has %d files; there must be 1 to %d. Spread them over several messages.")
	ruleBSize      = rule("BIN-SIZE-01", brevdue.SeverityError, "§6.2", "Filen er på %d byte, men der står %d. Bed afsenderen sende bilaget igen.", "The file has %d bytes, but %d are stated. Ask the sender to send the attachment again.")
	ruleBEmpty     = rule("BIN-SIZE-02", brevdue.SeverityError, "§6.3", "Filen er tom. Bed afsenderen sende bilaget igen.", "The file is empty. Ask the sender to send the attachment again.")
	ruleBExtension = rule("BIN-CODE-01", brevdue.SeverityError, "§1.4", "Filtypen er ikke en af standardens. Gem filen som en, der er, f.eks. pdf.", "The file extension is none of the standard's. Save the file as one that is, such as pdf.")
	ruleBCode      = rule("BIN-CODE-02", brevdue.SeverityError, "§1.4", "Objektkoden er ikke en af standardens. Brug den, der passer til filtypen.", "The object code is none of the standard's. Use the one that goes with the file extension.")
	ruleBContent   = rule("BIN-CONTENT-01", brevdue.SeverityWarning, "§6.1", "Filens indhold ligner ikke %s. Åbn den med forsigtighed.", "The file's content does not look like %s. Open it with care.")
	ruleBPractice  = rule("BIN-CONTENT-02", brevdue.SeverityInfo, "§1.4", "Objektkoden %s bruges normalt ikke for filer af typen %s; det gør %s.", "The object code %s is not usually used for files of type %s; %s is.")
	ruleBTwice     = rule("BIN-ID-01", brevdue.SeverityError, "§6.4", "To filer i meddelelsen har samme objekt-id. Afsenderen skal give hver fil sit eget.", "Two files of the message have the same object identifier. The sender must give each file its own.")
	ruleBUUID      = rule("BIN-ID-02", brevdue.SeverityWarning, "§6.4", "Objekt-id er ikke et UUID (32 hexcifre) og kan ikke stå i XBIN01 af version XB0131X.", "The object identifier is not a UUID (32 hex digits) and cannot stand in XBIN01 of version XB0131X.")
	ruleBNeedsUUID = rule("BIN-WRITE-03", brevdue.SeverityError, "§6.2", "Objekt-id er ikke et UUID (32 hexcifre), og det skal det være i XBIN01 af version XB0131X. Bed afsenderen sende bilaget med et nyt id.", "The object identifier is not a UUID (32 hex digits), which XBIN01 of version XB0131X requires. Ask the sender to send the attachment with a new identifier.")
	ruleBVersion   = rule("BIN-VERSION-01", brevdue.SeverityError, "§6.2", "Her skal stå %s; bilagsmeddelelser af andre versioner og typer modtages ikke.", "%s must stand here; attachment messages of other versions and types are not accepted.")
	ruleBSpace     = rule("BIN-VERSION-02", brevdue.SeverityError, "§0.3", "Navnerummet er hverken 2005/08/07 eller 2012/03/28, som bilagsmeddelelser har.", "The namespace is neither 2005/08/07 nor 2012/03/28, which attachment messages have.")
	ruleBNewer     = rule("BIN-WRITE-04", brevdue.SeverityWarning, "§6.2", "Meddelelsen er skrevet i den nye version (B0131X, XB0131X): den gamle kræver afsenderens vej, by, postnummer og speciale og har ikke filtypen fnx.", "The message was written in the new version (B0131X, XB0131X): the old one requires the sender's street, town, post code and specialty, and does not have the extension fnx.")
	ruleBContents  = rule("BIN-SYSTEM-01", brevdue.SeverityError, "§6.2", "Contents hører kun til i en systemmeddelelse uden patient.", "Contents belongs only in system mail without a patient.")
	ruleBNone      = rule("BIN-WRITE-01", brevdue.SeverityError, "§6.1", "Der er ingen bilagsmeddelelse at skrive.", "There is no attachment message to write.")
	ruleBNoCode    = rule("BIN-WRITE-02", brevdue.SeverityError, "§1.4", "Koden \"amt\" blev nedlagt i 2007 og kan ikke stå i en bilagsmeddelelse.", "The code \"amt\" was abolished in 2007 and cannot stand in an attachment message.")
	ruleBTooLarge  = rule("BIN-WRITE-05", brevdue.SeverityError, "§6.4", "Bilagsmeddelelsen ville fylde mere end %d byte og kan ikke sendes. Fordel filerne på flere meddelelser.", "The attachment message would have more than %d bytes and cannot be sent. Spread the files over several messages.")
	ruleBBase64    = rule("BIN-DATA-01", brevdue.SeverityError, "§6.2", "Filens base64 er ikke gyldig her. Bed afsenderen sende bilaget igen.", "The file's base64 is not valid here. Ask the sender to send the attachment again.")
	ruleBUNPSize   = rule("BIN-UNP-01", brevdue.SeverityError, "§6.3", "UNP angiver en anden længde end UNO: %d byte kom før den.", "UNP gives another length than UNO: %d bytes came before it.")
	ruleBUNPNumber = rule("BIN-UNP-02", brevdue.SeverityError, "§6.3", "UNP har ikke samme nummer som UNO.", "UNP does not have the number of UNO.")
	ruleBNumber    = rule("BIN-UNO-01", brevdue.SeverityWarning, "§6.3", "Filens nummer i UNO er ikke %d.", "The file's number in UNO is not %d.")
	ruleBAID       = rule("BIN-UNO-02", brevdue.SeverityError, "§6.3", "UNO element 2 er ikke AID og et objekt-id på højst 35 tegn.", "UNO element 2 is not AID and an object identifier of at most 35 characters.")
	ruleBSystem    = rule("BIN-SYSTEM-02", brevdue.SeverityInfo, "§6.3", "Navnet i en systemmeddelelse er ikke \"Data\" og læses ikke.", "The name in system mail is not \"Data\" and is not read.")

	ruleJMissing  = rule("BIN-JOIN-01", brevdue.SeverityInfo, "§6.4", "Bilaget mangler: det er endnu ikke modtaget.", "The attachment is missing: it has not been received yet.")
	ruleJCode     = rule("BIN-JOIN-02", brevdue.SeverityWarning, "§6.4", "Brevet angiver en anden objektkode end filen; filens gælder.", "The letter states another object code than the file; the file's counts.")
	ruleJType     = rule("BIN-JOIN-03", brevdue.SeverityWarning, "§6.4", "Brevet angiver en anden filtype end filen; filens gælder.", "The letter states another file extension than the file; the file's counts.")
	ruleJSize     = rule("BIN-JOIN-04", brevdue.SeverityWarning, "§6.4", "Brevet angiver %d byte, filen er på %d; filen gælder.", "The letter states %d bytes, the file has %d; the file counts.")
	ruleJOrphan   = rule("BIN-JOIN-05", brevdue.SeverityWarning, "§6.4", "Intet brev henviser til filen.", "No letter refers to the file.")
	ruleJStranger = rule("BIN-JOIN-06", brevdue.SeverityError, "§6.4", "Filen er sendt om en anden borger end brevet og er ikke knyttet til det. Spørg afsenderen.", "The file was sent about another citizen than the letter and was not joined with it. Ask the sender.")
	ruleJTwo      = rule("BIN-JOIN-07", brevdue.SeverityWarning, "§6.4", "Der er to forskellige filer med brevets objekt-id; den første er knyttet til det. Spørg afsenderen.", "There are two different files with the letter's object identifier; the first was joined with it. Ask the sender.")
)

var binaryRules = []brevdue.Rule{
	ruleBObjects, ruleBSize, ruleBEmpty, ruleBExtension, ruleBCode, ruleBContent, ruleBPractice, ruleBTwice, ruleBUUID, ruleBNeedsUUID,
	ruleBVersion, ruleBSpace, ruleBNewer, ruleBContents, ruleBNone, ruleBNoCode, ruleBTooLarge, ruleBBase64, ruleBUNPSize, ruleBUNPNumber, ruleBNumber, ruleBAID, ruleBSystem,
	ruleJMissing, ruleJCode, ruleJType, ruleJSize, ruleJOrphan, ruleJStranger, ruleJTwo,
}
