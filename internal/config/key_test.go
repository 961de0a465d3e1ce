package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brevdue/internal/config"
)

const keyText = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// keyed is an installation in a new folder with the text in its key file.
func keyed(t *testing.T, keyFile, text string) *config.Config {
	t.Helper()
	c, err := config.Parse([]byte("database_key_file: " + keyFile + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(c.Dir, "k"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDatabaseKey: 64 digits on one line, and nothing else; an error does not hold what
// stands there.
func TestDatabaseKey(t *testing.T) {
	for _, text := range []string{keyText, keyText + "\n", keyText + "\r\n", strings.ToUpper(keyText)} {
		if key, err := keyed(t, "k", text).DatabaseKey(); err != nil || len(key) != 32 || key[1] != 0x11 || key[31] != 0xff {
			t.Errorf("%q: %x, %v", text, key, err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "short": keyText[2:], "long": keyText + "00", "odd": keyText[1:], "two lines": keyText + "\n" + keyText, "a word": "hemmelig", "raw": strings.Repeat("x", 32), "blank": keyText + " ",
	} {
		key, err := keyed(t, "k", text).DatabaseKey()
		if err == nil || key != nil || !strings.Contains(err.Error(), "does not hold a key, which is 64 hexadecimal digits on one line") {
			t.Errorf("%s: %x, %v", name, key, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hemmelig") || strings.Contains(err.Error(), "2233") || strings.Contains(err.Error(), "xxx")) {
			t.Errorf("%s: the error holds the key: %v", name, err)
		}
	}
	if _, err := keyed(t, "elsewhere", "").DatabaseKey(); err == nil || !strings.Contains(err.Error(), "database_key_file: open ") {
		t.Errorf("no file: %v", err)
	}
	c, err := config.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := c.DatabaseKey(); key != nil || err != nil {
		t.Errorf("not encrypted: %x, %v", key, err)
	}
}

// TestCredential: systemd says in the environment where the credentials are.
func TestCredential(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	c := keyed(t, "credential:k", keyText)
	if _, err := c.DatabaseKey(); err == nil || !strings.Contains(err.Error(), "CREDENTIALS_DIRECTORY is not set: give the service LoadCredential=k:FILE") {
		t.Errorf("outside systemd: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", c.Dir)
	if key, err := c.DatabaseKey(); err != nil || len(key) != 32 {
		t.Errorf("%x, %v", key, err)
	}
	if err := os.Chmod(filepath.Join(c.Dir, "k"), 0o440); err != nil {
		t.Fatal(err)
	}
	if remark := c.KeyRemark(); remark != "" {
		t.Errorf("who reads a credential is for systemd to say: %s", remark)
	}
}

// TestKeyRemark: a key that others can read is remarked.
func TestKeyRemark(t *testing.T) {
	c := keyed(t, "k", keyText)
	if remark := c.KeyRemark(); remark != "" {
		t.Error(remark)
	}
	for _, mode := range []os.FileMode{0o640, 0o604} {
		if err := os.Chmod(filepath.Join(c.Dir, "k"), mode); err != nil {
			t.Fatal(err)
		}
		if remark := c.KeyRemark(); !strings.Contains(remark, "chmod 600") {
			t.Errorf("%o: %q", mode, remark)
		}
	}
}

// TestWriteKey: what is written is read, by its owner alone, and never written over.
func TestWriteKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	want := bytes.Repeat([]byte{7, 200}, 16)
	if err := config.WriteKey(path, want); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if got, err := config.ReadKey(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v", got, err)
	}
	if err := config.WriteKey(path, want[:16]); err == nil {
		t.Error("a key was written over")
	}
	if got, err := config.ReadKey(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("afterwards %x, %v", got, err)
	}
}

// TestTemplateWithKey: the template names the key file that init made.
func TestTemplateWithKey(t *testing.T) {
	c, err := config.Parse(config.Template(config.Config{KeyFile: "database.key"}))
	if err != nil || c.KeyFile != "database.key" {
		t.Errorf("%+v, %v", c, err)
	}
}
