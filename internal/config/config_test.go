package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brevdue"
	"brevdue/internal/config"
)

func TestEmptyFileWorks(t *testing.T) {
	c, err := config.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen == "" || c.Network.In == "" || c.Network.Await().Minutes() != 120 || c.Database == "" {
		t.Errorf("defaults are missing: %+v", c)
	}
}

// TestTemplate reads back what init writes: it must be valid, and its shown
// values must be the defaults.
func TestTemplate(t *testing.T) {
	units := []config.Unit{
		{GLN: "5790000000005", Kind: "municipal-health", Name: `Hjemmesygeplejen "Nord": æøå`},
		{GLN: "5790000120420", Kind: "gp", Name: "Lægehuset", Phone: "87654321", Sends: "DIS91", Closes: "15:30"},
		{GLN: "5790000128700", Kind: "ward", Name: "Sengeafsnit 2", Phone: "87654322", Shifts: []string{"6:30", "14:30", "22:30"}, Services: "no",
			ID: "6620320", IDCode: "sygehusafdelingsnummer", Organisation: "Prøvehospitalet", Department: "Medicin", Unit: "Afsnit 2", Specialty: "kardiologi"},
	}
	got, err := config.Parse(config.Template(config.Config{Units: units}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(units, got.Units); diff != "" {
		t.Error(diff)
	}
	got.Units, got.Warnings = nil, nil
	want, _ := config.Parse(nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the template shows other values than the defaults:\n%s", diff)
	}
	if _, err := config.Parse(config.Template(config.Config{})); err != nil {
		t.Error(err)
	}
}

// provider is a configuration with an identity provider and more about it.
func provider(more string) string {
	return "secure_cookies: true\nsign_in:\n  address: https://brevdue.example\n  oidc:\n    issuer: https://id.example\n    " + more + "\n"
}

// saml is a configuration with a SAML identity provider and more about it.
func saml(more string) string {
	return "secure_cookies: true\nsign_in:\n  address: https://brevdue.example\n  saml:\n    metadata_file: idp.xml\n    " + more + "\n"
}

// TestProvider: what is not said has the values that providers use.
func TestProvider(t *testing.T) {
	c, err := config.Parse([]byte(strings.Replace(provider("name: K\n    client_id: x"), "brevdue.example", "brevdue.example/", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := config.SignIn{Address: "https://brevdue.example", OIDC: config.OIDC{Name: "K", Issuer: "https://id.example", ClientID: "x", Scopes: []string{"profile"},
		NameClaim: "name", UnitsClaim: "units", RolesClaim: "roles"}}
	if diff := cmp.Diff(want, c.SignIn); diff != "" {
		t.Error(diff)
	}
}

func TestFaults(t *testing.T) {
	unit := "units:\n  - gln: \"5790000000005\"\n    kind: ward\n    name: A\n"
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", "listen: x\nlisten_on: y\n", "2:1: "},
		{"not yaml", "listen: [\n", ": "},
		{"wrong type", "network:\n  await_minutes: soon\n", "2:18: "},
		{"address", "listen: \"8642\"\n", "1:9: listen is an address"},
		{"log level", "log:\n  level: loud\n", "2:10: level \"loud\""},
		{"key twice", "listen: a:1\nlisten: b:2\n", "2:1: "},
		{"taking back", "network:\n  undo_seconds: -1\n", "2:17: undo_seconds"},
		{"settling", "network:\n  settle_seconds: 601\n", "2:19: settle_seconds"},
		{"negative wait", "network:\n  await_minutes: -1\n", "2:18: await_minutes"},
		{"password", "database: postgres://brevdue:hemmelig@db/brevdue\n", "1:11: the password does not belong here"},
		{"password as a parameter", "database: postgres://db/brevdue?password=hemmelig\n", "1:11: the password does not belong here"},
		{"database", "database: \"postgres://[db/brevdue\"\n", "1:11: database is an address"},
		{"password of a file", "database_password_file: secret\n", "1:25: database_password_file is for a PostgreSQL database"},
		{"key of a server", "database: postgres://db/brevdue\ndatabase_key_file: key\n", "2:20: database_key_file is for an archive in a file; a PostgreSQL database is encrypted by encrypting the disk of its server"},
		{"credential without a name", "database_key_file: \"credential:\"\n", "1:20: database_key_file names a credential"},
		{"credential elsewhere", "database_key_file: credential:../key\n", "1:20: database_key_file names a credential"},
		{"same folders", "network:\n  in: a\n  out: ./a\n", "3:8: in and out"},
		{"no gln", "units:\n  - kind: ward\n    name: A\n", "needs its location number"},
		{"unknown kind", strings.Replace(unit, "ward", "wards", 1), `3:11: kind "wards"`},
		{"twice", unit + strings.TrimPrefix(unit, "units:\n"), "5:10: location number 5790000000005 stands here twice"},
		{"no name", "units:\n  - gln: \"5790000000005\"\n    kind: ward\n", "needs a name"},
		{"services", unit + "    services: maybe\n", `5:15: services "maybe"`},
		{"shifts", unit + "    shifts: [\"15:00\", \"7:00\"]\n", "5:23: shifts"},
		{"closes", unit + "    closes: \"25:00\"\n", "5:13: closes"},
		{"long id", unit + "    id: \"" + strings.Repeat("1", 18) + "\"\n", "5:9: id has more"},
		{"long phone", unit + "    phone: \"" + strings.Repeat("1", 26) + "\"\n", "5:12: phone has more"},
		{"sends", unit + "    sends: FHIR\n", `5:12: sends "FHIR"`},
		{"id_code", unit + "    id_code: nummer\n", `5:14: id_code "nummer"`},
		{"provider without an address", "sign_in:\n  oidc:\n    issuer: https://id.example\n    client_id: x\n    name: K\n", "2:7: sign_in needs address"},
		{"provider without an issuer", "sign_in:\n  oidc:\n    client_id: x\n", "3:14: oidc needs issuer"},
		{"provider without a name", provider("client_id: x"), "oidc needs name"},
		{"provider without a client", provider("name: K"), "oidc needs client_id"},
		{"provider in the clear", strings.Replace(provider("name: K"), "issuer: https", "issuer: http", 1), `5:13: issuer is an address like`},
		{"unknown claim", provider("unit_claim: x"), `6:5: unknown field "unit_claim"`},
		{"address with a path", strings.Replace(provider("name: K"), "brevdue.example", "brevdue.example/x", 1), "3:12: address is like"},
		{"address in the clear", strings.Replace(provider("name: K"), "address: https", "address: http", 1), "3:12: address is like"},
		{"cookies in the clear", strings.Replace(provider("name: K\n    client_id: x"), "true", "false", 1), "3:12: browsers come over https: set secure_cookies"},
		{"cookies nobody gets", "secure_cookies: true\nsign_in:\n  address: http://localhost:8642\n  oidc:\n    issuer: https://id.example\n", "3:12: secure_cookies is true"},
		{"saml without metadata", "sign_in:\n  saml:\n    name: K\n", "3:9: saml needs metadata_file"},
		{"saml without a name", saml("key_file: x"), "saml needs name"},
		{"saml without a key", saml("name: K"), "saml needs key_file and certificate_file"},
		{"saml and oidc", saml("name: K\n  oidc:\n    issuer: https://id.example"), "oidc or by saml, not by both"},
		{"nobody gets in", "sign_in:\n  no_local_accounts: true\n", "2:22: without local accounts"},
		{"address for nothing", "sign_in:\n  address: https://brevdue.example\n", "2:12: address is for an identity provider"},
		{"long name", unit + "    department: " + strings.Repeat("x", 36) + "\n", "5:17: department has more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Parse([]byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWrongCheckDigitIsAWarning(t *testing.T) {
	c, err := config.Parse([]byte("units:\n  - gln: \"5790000128700\"\n    kind: gp\n    name: Lægehuset\n    closes: \"15:30\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 1 || !strings.HasPrefix(c.Warnings[0], "2:10: ") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	u := c.Units[0].Record()
	if u.Closes != 15*60+30 || u.Services != "unknown" || u.Sends != brevdue.XDIS91 || u.Kind != brevdue.GP {
		t.Errorf("%+v", u)
	}
}

func TestExposed(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:8642": false, "[::1]:8642": false, "localhost:8642": false, ":8642": true, "0.0.0.0:8642": true, "brevdue.example:443": true,
	} {
		if got := (&config.Config{Listen: listen}).Exposed(); got != want {
			t.Errorf("%s: %v", listen, got)
		}
		if (&config.Config{Listen: listen, SecureCookies: true}).Exposed() {
			t.Errorf("%s is exposed behind HTTPS", listen)
		}
	}
}

// A mistake is told with its line and column.
func ExampleParse() {
	_, err := config.Parse([]byte("network:\n  inn: /srv/vans/in\n"))
	fmt.Println(err)
	// Output: 2:3: unknown field "inn"
}

// TestDatabaseAddress: the password comes out of its file and into the address.
func TestDatabaseAddress(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("a/b@c d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"without", "database: postgres://brevdue@db/brevdue\n", "postgres://brevdue@db/brevdue"},
		{"of a user", "database: postgres://brevdue@db/brevdue\ndatabase_password_file: secret\n", "postgres://brevdue:a%2Fb%40c%20d@db/brevdue"},
		{"of a parameter", "database: postgres:///brevdue?host=%2Frun&user=brevdue\ndatabase_password_file: secret\n", "postgres:///brevdue?host=%2Frun&password=a%2Fb%40c+d&user=brevdue"},
	} {
		got, err := config.Parse([]byte(c.yaml))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got.Dir = dir
		if address, err := got.DatabaseAddress(); err != nil || address != c.want || !got.Shared() {
			t.Errorf("%s: %s, %v", c.name, address, err)
		}
	}
	if c, _ := config.Parse(nil); c.Shared() {
		t.Error("a file is shared")
	}
}
