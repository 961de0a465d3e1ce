package sim

import "brevdue"

// Patient is one of MedCom's official test persons.
type Patient struct {
	CPR            brevdue.CPR
	Given, Surname string
}

// Patients are from MedCom's list of official test numbers.
func Patients() []Patient {
	return []Patient{
		{"2512489996", "Nancy Ann Test", "Berggren"}, {"2509479989", "Bruno Test", "Elmer"}, {"0211223989", "Åge Test", "Berggren"},
		{"2311143995", "Cæsar Test", "Østergård"}, {"1502779995", "Ruddi Test", "Berggren"}, {"0107729995", "Max Test", "Berggren"},
		{"0108589995", "Schwendlund Test", "Mosebryggersen"}, {"0201609995", "Einer Test", "Lauridsen"}, {"0201609996", "Lonni Test", "Lauridsen"},
		{"1509819996", "Brita Test", "Berggren"}, {"2103009996", "Kaja Test", "Hansen"}, {"2911829996", "Kirsten Test", "Berggren"},
		{"3001749995", "Niels Test", "Vendelboe"}, {"3103979995", "Anders Test", "Jensen"}, {"0201919990", "Else Test", "Lauridsen"},
		{"1502829995", "Knut Odvar Test", "Mosebryggersen"},
	}
}

// note is a letter somebody in the region writes.
type note struct {
	category, subject string // of the agreement; category empty: the subject is free
	text              string
	outside           string // why the subject is outside the agreement
}

// hospitalNotes are what hospitals write to municipalities, one for each subject
// of the agreement and one outside it.
var hospitalNotes = []note{
	{"Sygepleje-kommune", "Sygepleje-kommune", "Forbindingen skiftes hver anden dag, første gang i aften.\nSårskema er udleveret til borgeren. Ring ved rødme eller feber.", ""},
	{"Medicin", "Medicin", "Marevan er pauseret. INR tages torsdag i ambulatoriet.\nPinex 1 g 4 gange dagligt fortsætter i en uge.", ""},
	{"Træning", "Træning", "Specialiseret genoptræning ønskes omlagt til almen genoptræning fra næste uge.\nBorgeren går sikkert med rollator.", ""},
	{"Hjælpemidler", "Hjælpemidler", "Badebænk og toiletforhøjer er bevilget ved udskrivelsen.\nDørbredden til badet er 72 cm.", ""},
	{"Visitation-kommune", "Visitation-kommune", "Er der bevilget hjælp til bad og støttestrømper?\nBorgeren er usikker på, hvornår hjælpen begynder.", ""},
	{"Opfølgende hjemmebesøg", "Opfølgende hjemmebesøg", "Borgeren siger ja til et opfølgende hjemmebesøg.\nScreeningsskema: to indlæggelser på tre måneder.", ""},
	{"Psykiatri", "Forløbskoordinering i psykiatrien", "Mestringsplanen er gennemgået med borgeren og bostøtten.\nNæste samtale er i næste uge.", ""},
	{"Andet", "Ambulant forespørgsel", "Borgeren er set ambulant i dag. Blodtrykket var 150/90.\nKan I måle det to gange i den kommende uge?", ""},
	{"Andet", "Udskrivningsstatus – Barn", "Barnet trives og tager på i vægt.\nForældrene ønsker besøg af sundhedsplejersken.", ""},
	{"Orientering", "Åben indlæggelse", "Borgeren har åben indlæggelse i 14 dage.\nRing direkte til afsnittet ved forværring.", ""},
	{"", "Vedr. transport", "Borgeren mangler kørsel til kontrollen på tirsdag.\nKan I hjælpe med at bestille den?", "Emnet findes ikke på listen"},
}

// localNotes are what municipalities and practices write.
var localNotes = []note{
	{"", "Vedr. plejeforløbsplan", "Tak for planen. Hvornår forventer I udskrivelse?\nVi mangler oplysning om forflytning.", ""},
	{"", "Medicin", "Dosispakkerne passer ikke med medicinlisten.\nKan I bekræfte den aktuelle dosis?", ""},
	{"", "Blodtryk", "Blodtrykket er målt tre gange i denne uge: 150/88, 146/90, 152/86.\nØnsker I ændringer?", ""},
	{"", "Sygepleje-kommune", "Såret er helet. Vi afslutter besøgene i denne uge.", ""},
}

// answers are what people reply.
var answers = []string{
	"Tak for brevet. Vi følger op i dag og vender tilbage, hvis der er noget.",
	"Aftalt. Besøget er sat i kalenderen.",
	"Vi har talt med borgeren og fortsætter som aftalt.",
}
