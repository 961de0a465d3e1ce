package cli

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"brevdue/standards"
)

// VersionCmd prints what this binary is.
type VersionCmd struct {
	JSON bool `name:"json" help:"Print one JSON object: version, Go version, and every module compiled in with its version."`
}

// versionJSON is what is compiled in, for whoever keeps a list of what runs where.
type versionJSON struct {
	Version string       `json:"version"`
	Go      string       `json:"go"`
	Modules []moduleJSON `json:"modules"`
}

// moduleJSON is one module; Sum is of the go.sum kind, "" when nothing is known.
type moduleJSON struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"`
}

// Run prints version, build and the standards with their coverage.
func (c VersionCmd) Run(s *Streams) error {
	if c.JSON {
		v := versionJSON{Modules: modules()}
		v.Version, v.Go = build()
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	if version, goVersion := build(); goVersion != "" {
		fmt.Fprintf(s.Out, "brevdue %s %s\n", version, goVersion)
	}
	for _, line := range coverage() {
		fmt.Fprintf(s.Out, "  %-34s %s\n", line[0], line[1])
	}
	fmt.Fprintf(s.Out, "  %d statements of the legacy specifications: %d covered, %d in part, %d not (docs/standards.md)\n",
		len(standards.Index()), standards.Count(standards.Yes), standards.Count(standards.Partial), standards.Count(standards.No))
	return nil
}

// modules are those compiled in, by path; a replaced one is what replaces it.
func modules() []moduleJSON {
	out := []moduleJSON{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		out = append(out, moduleJSON{m.Path, m.Version, m.Sum})
	}
	return out
}

// build is the version of this binary with its revision, and of Go; the latter is ""
// when nothing is known.
func build() (version, goVersion string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)", ""
	}
	version = "(devel)"
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, kv := range info.Settings {
		if kv.Key == "vcs.revision" {
			version += " " + kv.Value
		}
	}
	return version, info.GoVersion
}

// coverage lists each standard and how much of it this version handles.
func coverage() [][2]string {
	return [][2]string{
		{"DIS91 D9134L (EDIFACT)", "read and written"},
		{"XDIS91 XD9134L (OIOXML)", "read and written"},
		{"CTL01-03, XCTL01-03", "read and written"},
		{"VANSEnvelope 1.0.4", "read and written"},
		{"BIN01, XBIN01", "read and written"},
		{"FHIR CareCommunication", "recognised, refused politely"},
	}
}
