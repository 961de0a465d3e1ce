package aftale

import (
	"encoding/json"
	"reflect"
)

// required are the fields no agreement does without, by the type that has them;
// the loader asks for each (a test holds the two together).
func required(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[file]():
		return []string{"aftale", "region", "navn", "version", "parter", "læsefrister"}
	case reflect.TypeFor[filePart]():
		return []string{"slags", "navn"}
	case reflect.TypeFor[fileFrist]():
		return []string{"regel", "modtager", "navn", "paragraf"}
	case reflect.TypeFor[fileEmne]():
		return []string{"nr", "kategori", "emne", "national"}
	case reflect.TypeFor[fileInden]():
		return []string{"timer", "dage"}
	case reflect.TypeFor[fileLaeser]():
		return []string{"fra", "til", "dage", "afsendt_før"}
	}
	return nil
}

// words are the values a field may have, by its name; nil for free text.
func words(field string) []string {
	switch field {
	case "modtager", "kun_til":
		var out []string
		for _, k := range kinds {
			out = append(out, k.word)
		}
		return out
	case "slags", "fra side", "til side":
		var out []string
		for _, s := range sides {
			out = append(out, s.word)
		}
		return out
	case "dage":
		return []string{"hverdage", "alle dage"}
	case "ældre_art", "ydelser", "hver_vagt", "grundlovsdag", "juleaften", "nytårsaften", "i_aftalen", "afvejning", "skriftligt", "prioritet":
		return []string{"ja", "nej"}
	case "kræver":
		return []string{"konkret aftale"}
	case "underskrift":
		return signs()
	case "registrering":
		return []string{"krav", "advarsel"}
	}
	return nil
}

// Schema is the form of an agreement file as JSON Schema (draft 2020-12), for
// editors that complete and check YAML. It is made from what the loader reads; what
// it cannot say (that every receiver has one deadline, that references are there)
// only [Load] finds.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[file](), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Regional aftale om korrespondancebrevet"
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic("the form of an agreement is no JSON: " + err.Error()) // maps of plain values always are
	}
	return append(out, '\n')
}

func schemaOf(t reflect.Type, field string) map[string]any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		properties := map[string]any{}
		for i := range t.NumField() {
			name := t.Field(i).Tag.Get("yaml")
			inner := name
			if (name == "fra" || name == "til") && (t == reflect.TypeFor[fileStandard]() || t == reflect.TypeFor[fileOpstart]()) {
				inner += " side"
			}
			if name == "navn" || name == "modtager" && t == reflect.TypeFor[fileEmne]() {
				inner = ""
			}
			properties[name] = schemaOf(t.Field(i).Type, inner)
		}
		out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
		if r := required(t); r != nil {
			out["required"] = r
		}
		return out
	case reflect.Slice:
		if field == "udenfor" {
			field = "slags"
		}
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), field)}
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	}
	out := map[string]any{"type": []string{"string", "integer"}} // a version may be written without quotes
	if w := words(field); w != nil {
		return map[string]any{"enum": w}
	}
	switch field {
	case "gyldig_fra", "gyldig_til":
		out = map[string]any{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`}
	case "vagter", "afsendt_før", "lukker", "fra", "til":
		out = map[string]any{"type": "string", "pattern": `^\d{1,2}:\d{2}$`}
	case "emne":
		out = map[string]any{"type": "string", "maxLength": maxSubject}
	}
	return out
}
