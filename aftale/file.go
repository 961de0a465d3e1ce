package aftale

// file is the agreement's YAML, word for word. Every value is text until compile
// has looked at it, so that each fault can be told with its place.
type file struct {
	Aftale       string         `yaml:"aftale"`
	Region       string         `yaml:"region"`
	Navn         string         `yaml:"navn"`
	Version      string         `yaml:"version"`
	GyldigFra    string         `yaml:"gyldig_fra"`
	GyldigTil    string         `yaml:"gyldig_til"`
	Kilde        string         `yaml:"kilde"`
	AeldreArt    string         `yaml:"ældre_art"` // ja or nej
	Parter       []filePart     `yaml:"parter"`
	Udenfor      [][]string     `yaml:"udenfor"`
	Laesefrister []fileFrist    `yaml:"læsefrister"`
	Vagter       []string       `yaml:"vagter"`
	Emner        []fileEmne     `yaml:"emner"`
	Nationale    []fileNational `yaml:"nationale_kategorier"`
	Standarder   []fileStandard `yaml:"standarder"`
	Opstart      []fileOpstart  `yaml:"opstart"`
	Samtykke     []fileSamtykke `yaml:"samtykke"`
	Telefon      *fileTelefon   `yaml:"telefonregel"`
	EfterTelefon []fileEfter    `yaml:"efter_telefon"`
	Indhold      fileIndhold    `yaml:"indhold"`
	Adresser     fileAdresser   `yaml:"adresser"`
	Ydelseskode  string         `yaml:"ydelseskode"`
	Kontakt      string         `yaml:"kontakt"`
	Ordninger    []fileOrdning  `yaml:"ordninger"`
	Noter        []string       `yaml:"noter"`
}

type filePart struct {
	Slags   string   `yaml:"slags"`
	Navn    string   `yaml:"navn"`
	Enheder []string `yaml:"enheder"`
}

type fileFrist struct {
	Regel    string      `yaml:"regel"`
	Modtager string      `yaml:"modtager"`
	Navn     string      `yaml:"navn"`
	Ydelser  string      `yaml:"ydelser"` // ja, nej or absent: both
	Laeser   *fileLaeser `yaml:"læser"`
	HverVagt string      `yaml:"hver_vagt"`
	Inden    *fileInden  `yaml:"inden"`
	Svarer   *fileSvarer `yaml:"svarer"`
	Lukket   fileLukket  `yaml:"lukket"`
	Paragraf string      `yaml:"paragraf"`
}

type fileLaeser struct {
	Fra         string `yaml:"fra"`
	Til         string `yaml:"til"`
	Dage        string `yaml:"dage"`
	AfsendtFoer string `yaml:"afsendt_før"`
}

type fileInden struct {
	Timer int    `yaml:"timer"`
	Dage  string `yaml:"dage"`
}

type fileSvarer struct {
	Hverdage int    `yaml:"hverdage"`
	Lukker   string `yaml:"lukker"`
}

type fileLukket struct {
	Grundlovsdag string `yaml:"grundlovsdag"`
	Juleaften    string `yaml:"juleaften"`
	Nytaarsaften string `yaml:"nytårsaften"`
}

type fileEmne struct {
	Nr        int      `yaml:"nr"`
	Kategori  string   `yaml:"kategori"`
	Emne      string   `yaml:"emne"`
	Alias     []string `yaml:"alias"`
	National  string   `yaml:"national"`
	Eksempler []string `yaml:"eksempler"`
	KunTil    []string `yaml:"kun_til"`
	Ellers    string   `yaml:"ellers"`
	Modtager  string   `yaml:"modtager_sor"`
	Note      string   `yaml:"note"`
}

type fileNational struct {
	Kode      string `yaml:"kode"`
	Navn      string `yaml:"navn"`
	Prioritet string `yaml:"prioritet"`
}

type fileStandard struct {
	Navn     string   `yaml:"navn"`
	Koder    []string `yaml:"koder"`
	Version  string   `yaml:"version"`
	Fra      string   `yaml:"fra"`
	Til      string   `yaml:"til"`
	IAftalen string   `yaml:"i_aftalen"`
	Formaal  string   `yaml:"formål"`
	Findes   string   `yaml:"findes"`
}

type fileOpstart struct {
	Regel   string   `yaml:"regel"`
	Fra     []string `yaml:"fra"`
	Til     []string `yaml:"til"`
	Kraever string   `yaml:"kræver"`
	Tekst   string   `yaml:"tekst"`
}

type fileSamtykke struct {
	Regel     string `yaml:"regel"`
	Grundlag  string `yaml:"grundlag"`
	Navn      string `yaml:"navn"`
	Lov       string `yaml:"lov"`
	Afvejning string `yaml:"afvejning"`
	Formaal   string `yaml:"formål"`     // behandling, andet or absent: either
	Skriftlig string `yaml:"skriftligt"` // ja: a written consent with its date
	Oplys     int    `yaml:"oplys_inden_hverdage"`
}

type fileOrdning struct {
	Navn string `yaml:"navn"`
	Link string `yaml:"link"`
}

type fileTelefon struct {
	Regel       string `yaml:"regel"`
	Undtagelse  string `yaml:"undtagelse"`
	Opfoelgning string `yaml:"opfølgning"`
	Modtager    string `yaml:"modtager"`
	Paragraf    string `yaml:"paragraf"`
}

type fileEfter struct {
	Regel        string `yaml:"regel"`
	Naar         string `yaml:"når"`
	Registrering string `yaml:"registrering"`
}

type fileIndhold struct {
	EmnerHoejst    int      `yaml:"emner_højst"`
	TegnVejledende int      `yaml:"tegn_vejledende"`
	Underskrift    []string `yaml:"underskrift"`
}

type fileAdresser struct {
	Hoejst int `yaml:"lokationsnumre_højst"`
}
