package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// keySize is how many bytes the key of an archive has.
const keySize = 32

// credential begins a database_key_file that names a credential of systemd; the
// folder of the credentials stands in the environment.
const (
	credential          = "credential:"
	credentialDirectory = "CREDENTIALS_DIRECTORY"
)

// KeyIsCredential tells that the key of the archive comes from systemd and not from a
// file of the installation.
func (c *Config) KeyIsCredential() bool { return strings.HasPrefix(c.KeyFile, credential) }

// CheckKey tells what is wrong with database_key_file, without reading the file.
func (c *Config) CheckKey() error {
	if c.KeyFile == "" {
		return nil
	}
	if c.Shared() {
		return errors.New("database_key_file is for an archive in a file; a PostgreSQL database is encrypted by encrypting the disk of its server")
	}
	if name, is := strings.CutPrefix(c.KeyFile, credential); is && (name == "" || name != filepath.Base(name) || name == "." || name == "..") {
		return errors.New(`database_key_file names a credential of systemd, like "credential:brevdue-key"; it is a name and not a path`)
	}
	return nil
}

// DatabaseKey reads the key that encrypts the archive: 32 bytes, or nil when it is not
// encrypted. Errors do not hold it.
func (c *Config) DatabaseKey() ([]byte, error) {
	if c.KeyFile == "" {
		return nil, nil
	}
	path, err := c.keyPath()
	if err != nil {
		return nil, err
	}
	return ReadKey(path)
}

func (c *Config) keyPath() (string, error) {
	name, is := strings.CutPrefix(c.KeyFile, credential)
	if !is {
		return c.Path(c.KeyFile), nil
	}
	dir := os.Getenv(credentialDirectory)
	if dir == "" {
		return "", fmt.Errorf("database_key_file: %s is a credential of systemd, and %s is not set: give the service LoadCredential=%s:FILE; "+
			"for a command by hand set %s to a folder with the key in a file %s", c.KeyFile, credentialDirectory, name, credentialDirectory, name)
	}
	return filepath.Join(dir, name), nil
}

// ReadKey reads a file with a key: 64 hexadecimal digits on one line. Errors do not
// hold what is in it.
func ReadKey(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("database_key_file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimRight(string(content), "\r\n"))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("database_key_file: %s does not hold a key, which is %d hexadecimal digits on one line; brevdue key new makes one", path, 2*keySize)
	}
	return key, nil
}

// WriteKey writes a key to a new file that only its owner can read. When it returns, the
// file is on the disk: what is encrypted with the key is lost without it.
func WriteKey(path string, key []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	if err := dir.Sync(); err != nil && runtime.GOOS != "windows" { // which cannot
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}

// KeyRemark says that others than its owner can read the key file; "" when they cannot.
// Whom a credential is given to is for systemd to say.
func (c *Config) KeyRemark() string {
	if c.KeyFile == "" || c.KeyIsCredential() || runtime.GOOS == "windows" {
		return ""
	}
	info, err := os.Stat(c.Path(c.KeyFile))
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	return "database_key_file can be read by others than its owner: chmod 600 it"
}
