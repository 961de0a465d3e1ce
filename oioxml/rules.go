package oioxml

import "brevdue"

func fault(id, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: brevdue.SeverityError, Text: da, TextEN: en, Ref: "XML 1.0"}
}

func remark(id string, s brevdue.Severity, ref, da, en string) brevdue.Rule {
	return brevdue.Rule{ID: id, Severity: s, Text: da, TextEN: en, Ref: ref}
}

// The rules of well-formed XML. None quotes what stands in the document: a stray
// "<" or "&" is usually part of a letter's text.
var (
	ruleEmpty     = fault("XML-ROOT-01", "Der er intet XML-dokument.", "There is no XML document.")
	ruleTail      = fault("XML-ROOT-02", "Der står noget efter dokumentets slutning.", "Something follows the end of the document.")
	ruleTruncated = fault("XML-TAG-01", "Dokumentet slutter midt i elementet %s.", "The document ends inside the element %s.")
	ruleMismatch  = fault("XML-TAG-02", "Slut-tagget hører ikke til det åbne element %s.", "The end tag does not belong to the open element %s.")
	ruleTag       = fault("XML-TAG-03", "Et tag er ikke velformet. Et \"<\" i tekst skal skrives \"&lt;\".", "A tag is not well formed. A \"<\" in text must be written \"&lt;\".")
	ruleAttr      = fault("XML-ATTR-01", "En attribut er ikke velformet.", "An attribute is not well formed.")
	ruleAttrTwice = fault("XML-ATTR-02", "Den samme attribut står to gange.", "The same attribute stands twice.")
	rulePrefix    = fault("XML-NS-01", "Et navnerums-præfiks er ikke erklæret.", "A namespace prefix is not declared.")
	ruleDoctype   = fault("XML-DTD-01", "Dokumenttype-erklæringer (DOCTYPE) og egne entiteter modtages ikke.", "Document type declarations (DOCTYPE) and entities of one's own are not accepted.")
	ruleEntity    = fault("XML-REF-01", "Henvisningen efter \"&\" er ukendt. Et \"&\" i tekst skal skrives \"&amp;\".", "The reference after \"&\" is unknown. An \"&\" in text must be written \"&amp;\".")
	ruleControl   = fault("XML-CHAR-01", "Tegnet U+%04X må ikke stå i XML.", "The character U+%04X must not stand in XML.")
	ruleCDATAEnd  = fault("XML-CHAR-02", "\"]]>\" må ikke stå i tekst.", "\"]]>\" must not stand in text.")
	ruleComment   = fault("XML-MARK-01", "En kommentar er ikke velformet.", "A comment is not well formed.")
	ruleInstr     = fault("XML-MARK-02", "En behandlingsinstruktion eller XML-erklæring er ikke velformet eller står det forkerte sted.", "A processing instruction or XML declaration is not well formed or stands in the wrong place.")
	ruleCDATA     = fault("XML-MARK-03", "Et CDATA-afsnit er ikke velformet.", "A CDATA section is not well formed.")
	ruleDepth     = fault("XML-LIMIT-01", "Elementerne ligger dybere end %d i hinanden.", "The elements are nested deeper than %d.")
	ruleCount     = fault("XML-LIMIT-02", "Dokumentet har mere end %d dele.", "The document has more than %d parts.")
	ruleSize      = fault("XML-LIMIT-03", "Dokumentet er større end %d byte.", "The document is larger than %d bytes.")

	ruleEncoding = brevdue.Rule{ID: "XML-ENC-01", Severity: brevdue.SeverityError, Ref: "std:xdis91 §1.1",
		Text: "Dokumentets tegnsæt læses ikke; kun windows-1252, ISO-8859-1 og UTF-8.", TextEN: "The document's encoding is not read; only windows-1252, ISO-8859-1 and UTF-8 are."}
	ruleNotUTF8  = remark("XML-ENC-02", brevdue.SeverityError, "std:xdis91 §1.1", "Bytes her er ikke UTF-8, som dokumentet ellers er; de er læst som windows-1252.", "Bytes here are not UTF-8, which the document is said to be; they were read as windows-1252.")
	ruleC1       = remark("XML-ENC-03", brevdue.SeverityInfo, "std:xdis91 §1.1", "Dokumentet er erklæret ISO-8859-1, men her står windows-1252-tegn; de er læst som sådan.", "The document is declared ISO-8859-1 but holds windows-1252 characters; they were read as such.")
	ruleMojibake = remark("XML-ENC-04", brevdue.SeverityWarning, "std:xdis91 §1.1", "Tegnene ser ud til at være UTF-8, men dokumentet er erklæret som %s; æ, ø og å bliver forkerte.", "The characters look like UTF-8, but the document is declared %s; æ, ø and å come out wrong.")
	ruleBOM      = remark("XML-ENC-05", brevdue.SeverityWarning, "std:xdis91 §1.1", "Dokumentet begynder med UTF-8-mærke, men er erklæret som noget andet; det er læst som UTF-8.", "The document starts with a UTF-8 mark but declares something else; it was read as UTF-8.")
)

// The rules of a grammar: which elements stand where, and what is in them.
var (
	ruleMissing    = remark("XML-ELEM-01", brevdue.SeverityError, "std:xdis91 §1.2", "Elementet %s mangler.", "The element %s is missing.")
	ruleUnexpected = remark("XML-ELEM-02", brevdue.SeverityError, "std:xdis91 §1.2", "Elementet %s hører ikke til her.", "The element %s does not belong here.")
	ruleOrder      = remark("XML-ELEM-03", brevdue.SeverityError, "std:xdis91 §1.2", "Elementet %s står i forkert rækkefølge.", "The element %s stands in the wrong order.")
	ruleTooMany    = remark("XML-ELEM-04", brevdue.SeverityError, "std:xdis91 §1.2", "Elementet %s må højst stå %d gange.", "The element %s may stand at most %d times.")
	ruleChoice     = remark("XML-ELEM-05", brevdue.SeverityError, "std:xdis91 §1.2", "Her skal stå præcis ét af elementerne %s.", "Exactly one of the elements %s must stand here.")
	ruleStrayText  = remark("XML-ELEM-06", brevdue.SeverityError, "std:xdis91 §1.2", "Der må ikke stå tekst direkte i elementet %s.", "No text may stand directly in the element %s.")
	ruleStrayAttr  = remark("XML-ELEM-07", brevdue.SeverityError, "std:xdis91 §0.3", "Elementet %s har en attribut, som ikke hører til der.", "The element %s has an attribute that does not belong there.")
	ruleNoMarkup   = remark("XML-ELEM-08", brevdue.SeverityError, "std:xdis91 §1.5", "Et element i teksten hører ikke til her.", "An element in the text does not belong here.")
	ruleNeedAttr   = remark("XML-ELEM-09", brevdue.SeverityError, "std:xdis91 §7.2", "Elementet %s mangler attributten %s.", "The element %s lacks the attribute %s.")
	ruleNamespace  = remark("XML-ELEM-10", brevdue.SeverityError, "std:xdis91 §0.3", "Elementet %s står i et forkert navnerum.", "The element %s stands in a wrong namespace.")

	ruleShort     = remark("XML-VALUE-01", brevdue.SeverityError, "std:xdis91 §1.2", "%s er tomt; et element uden indhold skal udelades.", "%s is empty; an element without content must be left out.")
	ruleLong      = remark("XML-VALUE-02", brevdue.SeverityError, "std:xdis91 §1.2", "%s har %d tegn; højst %d er tilladt.", "%s has %d characters; at most %d are allowed.")
	ruleCode      = remark("XML-VALUE-03", brevdue.SeverityError, "std:xdis91 §1.4", "%s har en kode, som ikke findes i standarden.", "%s has a code that the standard does not have.")
	ruleCodeSpace = remark("XML-VALUE-04", brevdue.SeverityWarning, "std:xdis91 §1.4", "Der er blanktegn omkring koden i %s; den er læst uden.", "There is white space around the code in %s; it was read without.")
	ruleForm      = remark("XML-VALUE-05", brevdue.SeverityError, "std:xdis91 §1.3", "%s har ikke den rette form: %s.", "%s does not have the right form: %s.")
	ruleZone      = remark("XML-VALUE-06", brevdue.SeverityWarning, "std:xdis91 §1.2", "%s har en tidszone, som ikke hører til; datoen er læst uden.", "%s has a time zone that does not belong there; the date was read without it.")

	ruleMore = remark("XML-MORE-01", brevdue.SeverityInfo, "docs/rules.md", "Der er flere fejl end de %d, som er vist.", "There are more faults than the %d shown.")
)

// The rules of writing: what a document cannot hold.
var (
	ruleNeeds    = remark("XML-WRITE-01", brevdue.SeverityError, "std:xdis91 §1.2", "%s mangler og skal udfyldes.", "%s is missing and must be filled in.")
	ruleTooLong  = remark("XML-WRITE-02", brevdue.SeverityError, "std:xdis91 §1.2", "%s har %d tegn; højst %d kan være der.", "%s has %d characters; at most %d fit.")
	ruleNoCode   = remark("XML-WRITE-03", brevdue.SeverityError, "std:xdis91 §1.4", "%s har en værdi, som standarden ikke kender.", "%s has a value that the standard does not know.")
	ruleBadForm  = remark("XML-WRITE-04", brevdue.SeverityError, "std:xdis91 §1.3", "%s har ikke den rette form.", "%s does not have the right form.")
	ruleReplaced = remark("XML-WRITE-05", brevdue.SeverityWarning, "std:xdis91 §2.1", "Tegnet %U findes ikke i ISO-8859-1 og er erstattet med \"%s\".", "The character %U is not in ISO-8859-1 and was replaced by \"%s\".")
)

// The writing rules that a letter or receipt needs for values of its own.
var (
	RuleNeeds   = ruleNeeds   // a mandatory value is missing: name
	RuleCode    = ruleNoCode  // a value is outside its code list: name
	RuleBadForm = ruleBadForm // a value has the wrong shape: name
)

// Rules returns every rule this package can report.
func Rules() []brevdue.Rule {
	return []brevdue.Rule{
		ruleEmpty, ruleTail, ruleTruncated, ruleMismatch, ruleTag, ruleAttr, ruleAttrTwice, rulePrefix,
		ruleDoctype, ruleEntity, ruleControl, ruleCDATAEnd, ruleComment, ruleInstr, ruleCDATA,
		ruleDepth, ruleCount, ruleSize,
		ruleEncoding, ruleNotUTF8, ruleC1, ruleMojibake, ruleBOM,
		ruleMissing, ruleUnexpected, ruleOrder, ruleTooMany, ruleChoice, ruleStrayText, ruleStrayAttr,
		ruleNoMarkup, ruleNeedAttr, ruleNamespace,
		ruleShort, ruleLong, ruleCode, ruleCodeSpace, ruleForm, ruleZone, ruleMore,
		ruleNeeds, ruleTooLong, ruleNoCode, ruleBadForm, ruleReplaced,
	}
}
