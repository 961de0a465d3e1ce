package app_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/internal/oidctest"
	"brevdue/internal/samltest"
	"brevdue/kalender"
)

// installation makes one whose config.yaml says more, and returns its configuration.
func installation(t *testing.T, more string) (*config.Config, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	_, err := app.Init(t.Context(), app.Setup{Dir: dir, Units: []config.Unit{{GLN: "5790000000005", Kind: "ward", Name: "Sengeafsnit 2"}},
		ValidFrom: kalender.Day{Year: 2022, Month: 1, Date: 1}, Now: time.Now(), Operator: "drift"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.yaml")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, "\n"+more...), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(path)
}

// TestProviderOfConfig: what stands in config.yaml is what somebody is let in by.
func TestProviderOfConfig(t *testing.T) {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer server.Close()
	idp := oidctest.Start(t, time.Now)
	idp.Callbacks = []string{server.URL + "/log-ind/oidc"}
	idp.Is("s-1", oidctest.Claims{"name": "Mette Prøve", "groups": []string{"5790000000005"}})
	c, err := installation(t, "sign_in:\n  address: "+server.URL+"\n  no_local_accounts: true\n  oidc:\n    name: Kommunen\n    issuer: "+idp.Issuer+
		"\n    client_id: "+oidctest.ClientID+"\n    client_secret_file: oidc.secret\n    units_claim: groups\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Path("oidc.secret"), []byte(oidctest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Options{Config: c, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	handler = a.Handler()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	answer, err := client.Get(server.URL + "/log-ind/udbyder")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.Request.URL.Path != "/enhed/5790000000005/indbakke" || !strings.Contains(string(page), "Mette Prøve") {
		t.Errorf("the way led to %s (%d), %v", answer.Request.URL.Path, answer.StatusCode, err)
	}
}

// TestSAMLOfConfig: files that are wrong stop the program at the start, and say which.
func TestSAMLOfConfig(t *testing.T) {
	own := samltest.NewPair(t)
	idp := samltest.Start(t, own.Cert, "x", "x")
	certificate, key := own.Files(t)
	says := func(metadata string) string {
		return "sign_in:\n  address: http://localhost:8642\n  saml:\n    name: Kommunen\n    metadata_file: " + metadata + "\n    key_file: " + key + "\n    certificate_file: " + certificate + "\n"
	}
	c, err := installation(t, says(idp.Metadata))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Options{Config: c, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	answer := httptest.NewRecorder()
	a.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/log-ind/saml/metadata", nil))
	if !strings.Contains(answer.Body.String(), `entityID="http://localhost:8642/log-ind/saml/metadata"`) {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
	if c, err = installation(t, says("nowhere.xml")); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Open(t.Context(), app.Options{Config: c, Now: time.Now}); err == nil || !strings.HasPrefix(err.Error(), "sign_in.saml: metadata_file: ") {
		t.Errorf("no metadata: %v", err)
	}
}
