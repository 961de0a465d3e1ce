package medcom

// codePair is one value in both standards.
type codePair struct{ xml, edi string }

// The code lists of std:xdis91 §1.4 whose EDIFACT values are codes of their own.
// The OIOXML words are also the canonical letter's.
var (
	episodeCodes = []codePair{
		{"inaktiv", "POT"}, {"indlagt", "HS"}, {"ambulant", "HA"}, {"doed", "DA"}, {"ambulant_roentgen", "REQ"},
	}
	objectCodes = []codePair{
		{"tekstfil", "TXT"}, {"billede", "IMG"}, {"program", "PRG"}, {"vektor_grafik", "VGR"},
		{"biosignaler", "BSG"}, {"multimedie", "MUL"}, {"proprietaert_indhold", "PRP"},
		{"multimedie", "SND"}, // read only: the first pair of a word is the one written
	}
	extensionCodes = []codePair{
		{"pcx", "PCX"}, {"tiff", "TIF"}, {"jpeg", "JPG"}, {"gif", "GIF"}, {"bmp", "BMP"}, {"png", "PNG"}, {"mpg", "MPG"},
		{"dcm", "DCM"}, {"scp", "SCP"}, {"txt", "TXT"}, {"rtf", "RTF"}, {"doc", "DOC"}, {"xls", "XLS"}, {"wpd", "WPD"},
		{"exe", "EXE"}, {"pdf", "PDF"}, {"wav", "WAV"}, {"avi", "AVI"}, {"mid", "MID"}, {"rmi", "RMI"}, {"com", "COM"},
		{"zip", "ZIP"}, {"bin", "BIN"}, {"inh", "INH"},
	}
	// binaryExtensionCodes are those that only attachment messages have; "fnx" came
	// with the 2012 set.
	binaryExtensionCodes = []codePair{{"plo", "PLO"}, {"fnx", "FNX"}}
	// specialtyCodes91 are the numbers of AFSSPEC without leading zeros. 80 is
	// hospital paediatrics, which the XML list never got.
	specialtyCodes91 = []codePair{
		{"intern_medicin_sygehus", "1"}, {"geriatri", "2"}, {"hepatologi", "3"}, {"haematologi", "4"}, {"infektionsmedicin", "5"},
		{"kardiologi", "6"}, {"med_allergologi", "7"}, {"med_endokrinologi", "8"}, {"med_gastroenterologi", "9"},
		{"med_lungesygdomme", "10"}, {"nefrologi", "11"}, {"reumatologi", "12"}, {"dermato_venerologi_sygehus", "18"},
		{"neurologi", "20"}, {"onkologi", "22"}, {"kirurgi_sygehus", "30"}, {"karkirurgi", "31"}, {"kir_gastroenterologi", "32"},
		{"plastikkirurgi", "33"}, {"thoraxkirurgi", "34"}, {"urologi", "35"}, {"gynaekologi_obstetrik_sygehus", "38"},
		{"neurokirurgi", "40"}, {"ortopaedisk_kirurgi_sygehus", "42"}, {"oftalmologi", "44"}, {"oto_rhino_laryngologi", "46"},
		{"hospitalsodontologi", "48"}, {"psykiatri_sygehus", "50"}, {"boerne_ungdomspsykiatri", "52"}, {"klin_biokemi", "60"},
		{"klin_fys_nuklearmedicin", "61"}, {"klin_immunologi", "62"}, {"klin_mikrobiologi", "63"}, {"klin_neurofysiologi", "64"},
		{"patologisk_anatomi", "65"}, {"diagnostisk_radiologi", "66"}, {"klin_farmakologi", "67"}, {"klin_genetik", "68"},
		{"paediatri_sygehus", "80"}, {"anaestesiologi_sygehus", "84"}, {"arbejdsmedicin", "86"}, {"almen_medicin", "90"},
		{"samfundsmedicin", "91"}, {"ikkeklassificeret", "99"}, {"almenlaege_laegevagt", "580"}, {"oejenlaege", "1519"},
		{"oere_naese_halslaege", "2021"}, {"anaestesiologi_praksis", "2501"}, {"roentgen_kbh", "2503"},
		{"dermato_venerologi_praksis", "2504"}, {"roentgen", "2505"}, {"reumatologi_fysiurgi", "2506"},
		{"gynaekologi_obstetrik_praksis", "2507"}, {"intern_medicin_praksis", "2508"}, {"kirurgi_praksis", "2509"},
		{"klinisk_kemi", "2511"}, {"neuromedicin", "2518"}, {"ortopaedisk_kirurgi_praksis", "2520"}, {"patologi", "2522"},
		{"plastkirurgi", "2523"}, {"psykiatri_praksis", "2524"}, {"paediatri", "2525"}, {"boernepsykiatri", "2526"},
		{"tropemedicin", "2528"}, {"tandlaege", "4050"}, {"fysioterapi", "4551"}, {"kiropraktor", "5053"}, {"briller", "5552"},
		{"fodterapi", "6054"}, {"fodbehandlking", "6055"}, {"med_laboratorier", "7045"}, {"omegnslaboratorier", "7046"},
		{"psykolog", "9463"},
	}
)

// noSpecialty is what DIS91 writes when the sender gave no specialty; read, it
// is the word "ikkeklassificeret" (std:xdis91 §1.4).
const noSpecialty = "99"

// idList is a kind of party identifier and its code list and agency in NAD C082.
type idList struct{ xml, list, agency string }

// idCodes is the table of std:xdis91 §1.4; "amt" has no EDIFACT form.
var idCodes = []idList{
	{"sygehusafdelingsnummer", "SKS", "SST"}, {"ydernummer", "YNR", "SFU"}, {"lokationsnummer", "", "9"},
	{"kommunenummer", "KOM", "IM"}, {"sorkode", "SOR", "SST"}, {"lokationsnummer", "EAN", "9"},
}

func toXML(pairs []codePair, edi string) (string, bool) {
	for i := range pairs {
		if pairs[i].edi == edi {
			return pairs[i].xml, true
		}
	}
	return "", false
}

func toEDI(pairs []codePair, xml string) (string, bool) {
	for i := range pairs {
		if pairs[i].xml == xml {
			return pairs[i].edi, true
		}
	}
	return "", false
}
