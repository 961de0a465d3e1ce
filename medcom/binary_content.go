package medcom

import (
	"bytes"
	"strings"

	"brevdue"
)

// checkObjects is what can be said of files whatever format they came in. seen are
// the keys of those before them; uuid tells that the format itself wants UUIDs.
func checkObjects(objects []Object, seen map[string]bool, uuid bool) []brevdue.Finding {
	var fs []brevdue.Finding
	for i := range objects {
		o := &objects[i]
		key := ObjectKey(o.ObjectID)
		if key != "" && seen[key] {
			fs = append(fs, ruleBTwice.At(o.Pos))
		}
		seen[key] = true
		if key != "" && !isUUID(key) && !uuid {
			fs = append(fs, ruleBUUID.At(o.Pos))
		}
		if len(o.Data) > 0 && !LooksLike(o.Extension, o.Data) {
			fs = append(fs, ruleBContent.At(o.Pos, o.Extension))
		}
		if usual := practice[o.Extension]; usual != "" && o.Code != "" && usual != o.Code {
			fs = append(fs, ruleBPractice.At(o.Pos, o.Code, o.Extension, usual))
		}
	}
	return fs
}

// practice is the object code that senders use for an extension (std:xdis91 §1.4).
var practice = map[string]string{
	"pcx": "billede", "tiff": "billede", "jpeg": "billede", "gif": "billede", "bmp": "billede", "png": "billede", "dcm": "billede",
	"txt": "tekstfil", "rtf": "tekstfil", "doc": "tekstfil", "xls": "tekstfil", "wpd": "tekstfil", "pdf": "vektor_grafik", "scp": "biosignaler",
	"mpg": "multimedie", "wav": "multimedie", "avi": "multimedie", "mid": "multimedie", "rmi": "multimedie", "inh": "multimedie", "bin": "multimedie",
	"exe": "program", "com": "program", "zip": "proprietaert_indhold", "plo": "proprietaert_indhold", "fnx": "proprietaert_indhold",
}

// beginnings are how the files of an extension begin; a full stop is any byte.
// Documents of newer word processors travel as doc and xls, because the standard
// has no other code for them, and so do films as mpg.
var beginnings = map[string][]string{
	"png": {"\x89PNG\r\n\x1a\n"}, "jpeg": {"\xff\xd8\xff"}, "gif": {"GIF87a", "GIF89a"}, "bmp": {"BM"}, "pcx": {"\x0a"},
	"tiff": {"II*\x00", "MM\x00*", "II+\x00", "MM\x00+"}, "dcm": {strings.Repeat(".", 128) + "DICM"},
	"rtf": {`{\rtf`}, "doc": {ole, `{\rtf`, zipped}, "xls": {ole, "\x09\x08", "\x09\x04", zipped}, "wpd": {"\xffWPC"},
	"zip": {zipped, "PK\x05\x06", "PK\x07\x08"}, "exe": {"MZ"},
	"wav": {"RIFF....WAVE", "RIFX....WAVE", "RF64....WAVE"}, "avi": {"RIFF....AVI "}, "rmi": {"RIFF....RMID"}, "mid": {"MThd"},
	"mpg": {"\x00\x00\x01\xba", "\x00\x00\x01\xb3", "\x47", "....ftyp"},
}

const (
	ole    = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" // compound document of the older office programs
	zipped = "PK\x03\x04"
)

// LooksLike tells whether a file is what its extension (an OIOXML word, e.g.
// "jpeg") says, judged by its first kilobyte. Extensions whose files have no mark
// of their own always look right.
func LooksLike(extension string, data []byte) bool {
	head := data[:min(len(data), 1024)]
	switch extension {
	case "pdf": // readers take it when the mark is near the top
		return bytes.Contains(head, []byte("%PDF-"))
	case "txt":
		utf16 := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
		return utf16 || bytes.IndexByte(head, 0) < 0
	}
	marks, known := beginnings[extension]
	if !known {
		return true
	}
	for _, mark := range marks {
		if begins(head, mark) {
			return true
		}
	}
	return false
}

func begins(data []byte, mark string) bool {
	if len(data) < len(mark) {
		return false
	}
	for i := range len(mark) {
		if mark[i] != '.' && mark[i] != data[i] {
			return false
		}
	}
	return true
}
