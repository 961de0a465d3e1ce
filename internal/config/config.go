// Package config reads config.yaml: one struct, every key with a default that
// works.
//
// Specification: decision 12 (strict YAML, line and column in every message) and
// house.md §10 (good zero values, an old configuration starts a new program).
//
// Deliberately missing: secrets. Passwords live hashed in the archive; the password of
// a PostgreSQL database and the key of an encrypted archive in files that are named here.
//
// What surprises: paths are relative to the folder of the configuration file, not
// to where the program was started. A location number with a wrong check digit is
// a warning and not an error: MedCom's own examples have one.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"brevdue"
	"brevdue/aftale"
	"brevdue/internal/store"
)

// Config is an installation.
type Config struct {
	Listen        string  `yaml:"listen"`
	SecureCookies bool    `yaml:"secure_cookies"`
	Database      string  `yaml:"database"`
	PasswordFile  string  `yaml:"database_password_file"`
	KeyFile       string  `yaml:"database_key_file"`
	Aftaler       string  `yaml:"aftaler"`
	Directory     string  `yaml:"directory"`
	Network       Network `yaml:"network"`
	SignIn        SignIn  `yaml:"sign_in"`
	Alerts        Alerts  `yaml:"alerts"`
	Log           Log     `yaml:"log"`
	// BreakGlass lets people open a letter of another unit in an emergency.
	BreakGlass bool `yaml:"break_glass"`
	// Retention says how long what is kept; everything is, until it says so.
	Retention Retention `yaml:"retention"`
	Units     []Unit    `yaml:"units"`

	// Dir is the folder that paths are relative to; not part of the file.
	Dir string `yaml:"-"`
	// Warnings are remarks about the file that stop nothing.
	Warnings []string `yaml:"-"`
}

// The kinds of network.
const (
	KindFolder = "folder"
	KindSFTP   = "sftp"
	KindHTTPS  = "https"
)

// Network is the network letters come and go by.
type Network struct {
	Kind         string  `yaml:"kind"`
	Name         string  `yaml:"name"`
	In           string  `yaml:"in"`
	Out          string  `yaml:"out"`
	Wrap         bool    `yaml:"wrap"`
	AwaitMinutes int     `yaml:"await_minutes"`
	Resend       int     `yaml:"resend"`
	Settle       float64 `yaml:"settle_seconds"`
	// UndoSeconds is how long a letter that was sent waits before it leaves, so that its
	// writer can take it back; nil: ten seconds.
	UndoSeconds *float64 `yaml:"undo_seconds"`
	SFTP        SFTP     `yaml:"sftp"`
	HTTPS       HTTPS    `yaml:"https"`
}

// SFTP is a supplier's server, for the kind sftp; In and Out are its directories.
type SFTP struct {
	Address      string `yaml:"address"` // host, or host:port
	User         string `yaml:"user"`
	HostKey      string `yaml:"host_key"`
	KeyFile      string `yaml:"key_file"`
	PasswordFile string `yaml:"password_file"`
}

// HTTPS is pushing both ways, for the kind https. Paths are of files.
type HTTPS struct {
	Listen        string   `yaml:"listen"`
	Certificate   string   `yaml:"certificate"`
	Key           string   `yaml:"key"`
	ClientCA      string   `yaml:"client_ca"`
	ClientNames   []string `yaml:"client_names"`
	TokenFile     string   `yaml:"token_file"`
	To            string   `yaml:"to"`
	ToTokenFile   string   `yaml:"to_token_file"`
	ToCertificate string   `yaml:"to_certificate"`
	ToKey         string   `yaml:"to_key"`
	ToCA          string   `yaml:"to_ca"`
}

// Undo is how long a letter can be taken back.
func (n Network) Undo() time.Duration {
	if n.UndoSeconds == nil {
		return 10 * time.Second
	}
	return time.Duration(*n.UndoSeconds * float64(time.Second))
}

// Await is how long a receipt is waited for.
func (n Network) Await() time.Duration { return time.Duration(n.AwaitMinutes) * time.Minute }

// Alerts says when an installation is in trouble and who is told.
type Alerts struct {
	// DiskFree is the share of a disk in percent below which it is nearly full.
	DiskFree int `yaml:"disk_free_percent"`
	// Webhook is an address that is told by POST when trouble begins and when it is over;
	// "" for none. TokenFile holds a bearer token for it.
	Webhook   string `yaml:"webhook"`
	TokenFile string `yaml:"webhook_token_file"`
}

// Log says how much is logged and how.
type Log struct {
	Level string `yaml:"level"`
	JSON  bool   `yaml:"json"`
}

// Retention is how many days what is kept; 0 keeps it.
type Retention struct {
	Content  int                      `yaml:"content_days"`  // content of letters, after they were handed over to the record
	Metadata int                      `yaml:"metadata_days"` // what is left of them, after that
	Log      int                      `yaml:"log_days"`      // the audit log
	Drafts   int                      `yaml:"drafts_days"`   // drafts, after their last change
	Units    map[string]UnitRetention `yaml:"units"`         // by location number
	// WithoutJournal lets content go that was never handed over to the record, counted from
	// the end of work on the letter.
	WithoutJournal bool `yaml:"without_journal"`
}

// UnitRetention is a unit's own rule for the content of its letters.
type UnitRetention struct {
	Content int `yaml:"content_days"`
}

// leastLog is how many days the audit log is kept at least: the practical floor of the
// former security order is six months (denmark.md §6).
const leastLog = 184

// Unit is a unit that letters are delivered to.
type Unit struct {
	GLN          string   `yaml:"gln"`
	Kind         string   `yaml:"kind"`
	Name         string   `yaml:"name"`
	Phone        string   `yaml:"phone"`
	Shifts       []string `yaml:"shifts"`
	Closes       string   `yaml:"closes"`
	Services     string   `yaml:"services"`
	ID           string   `yaml:"id"`
	IDCode       string   `yaml:"id_code"`
	Organisation string   `yaml:"organisation"`
	Department   string   `yaml:"department"`
	Unit         string   `yaml:"unit"`
	Specialty    string   `yaml:"specialty"`
	Sends        string   `yaml:"sends"`
}

// Load reads a configuration file.
func Load(path string) (*Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	c.Dir = filepath.Dir(path)
	return c, nil
}

// Parse reads the content of a configuration file. Errors begin with line and
// column.
func Parse(content []byte) (*Config, error) {
	c := &Config{}
	if len(bytes.TrimSpace(content)) > 0 {
		if err := yaml.UnmarshalWithOptions(content, c, yaml.Strict()); err != nil {
			var located yaml.Error
			if errors.As(err, &located) && located.GetToken() != nil {
				at := located.GetToken().Position
				return nil, fmt.Errorf("%d:%d: %s", at.Line, at.Column, located.GetMessage())
			}
			return nil, fmt.Errorf("1:1: %w", err)
		}
	}
	c.defaults()
	return c, c.check(content)
}

func (c *Config) defaults() {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&c.Listen, "127.0.0.1:8642")
	set(&c.Database, "brevdue.db")
	set(&c.Aftaler, "aftaler")
	set(&c.Directory, "directory.yaml")
	set(&c.Log.Level, "info")
	c.SignIn.defaults()
	if c.Alerts.DiskFree == 0 {
		c.Alerts.DiskFree = 5
	}
	set(&c.Network.Kind, KindFolder)
	set(&c.Network.Name, c.Network.Kind)
	if c.Network.Kind == KindFolder {
		set(&c.Network.In, "network/in")
		set(&c.Network.Out, "network/out")
	}
	if c.Network.SFTP.Address != "" {
		if _, _, err := net.SplitHostPort(c.Network.SFTP.Address); err != nil {
			c.Network.SFTP.Address = net.JoinHostPort(c.Network.SFTP.Address, "22")
		}
	}
	if c.Network.AwaitMinutes == 0 {
		c.Network.AwaitMinutes = 120
	}
	if c.Network.UndoSeconds == nil {
		seconds := c.Network.Undo().Seconds()
		c.Network.UndoSeconds = &seconds
	}
	if c.Network.Settle == 0 {
		c.Network.Settle = 1
	}
}

// Path returns a path of the configuration as the program opens it.
func (c *Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, filepath.FromSlash(p))
}

// Folders are the directories of this machine that the network uses, as the program
// opens them.
func (c *Config) Folders() []string {
	if c.Network.Kind != KindFolder {
		return nil
	}
	return []string{c.Path(c.Network.In), c.Path(c.Network.Out)}
}

// Shared tells that the archive is a PostgreSQL database, which several nodes may
// share, and not a file.
func (c *Config) Shared() bool {
	return strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://")
}

// CheckDatabase tells what is wrong with the address of a PostgreSQL database.
func (c *Config) CheckDatabase() error {
	if !c.Shared() {
		return nil
	}
	u, err := url.Parse(c.Database)
	if err != nil { // its text would hold the address
		return errors.New(`database is an address like "postgres://brevdue@host/brevdue" or the path of a file`)
	}
	if _, has := u.User.Password(); has || u.Query().Has("password") {
		return errors.New("the password does not belong here: put it in a file and name that in database_password_file")
	}
	return nil
}

// DatabaseAddress is the address of the PostgreSQL database with the password of its
// file. Errors do not hold it.
func (c *Config) DatabaseAddress() (string, error) {
	u, err := url.Parse(c.Database)
	if err != nil {
		return "", errors.New("database: the address cannot be read") // the error of Parse holds the address
	}
	if c.PasswordFile == "" {
		return c.Database, nil
	}
	content, err := os.ReadFile(c.Path(c.PasswordFile))
	if err != nil {
		return "", fmt.Errorf("database_password_file: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	if name := u.User.Username(); name != "" {
		u.User = url.UserPassword(name, password)
		return u.String(), nil
	}
	q := u.Query()
	q.Set("password", password)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Exposed tells whether browsers of other machines reach the workbench without
// the protection of HTTPS.
func (c *Config) Exposed() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || c.SecureCookies || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

// where finds line and column of a path of the file.
func where(content []byte, path string) string {
	for p := path; p != "" && p != "$"; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		query, err := yaml.PathString(p)
		if err != nil {
			continue
		}
		node, err := query.ReadNode(bytes.NewReader(content))
		if err != nil || node == nil || node.GetToken() == nil {
			continue
		}
		at := node.GetToken().Position
		return fmt.Sprintf("%d:%d", at.Line, at.Column)
	}
	return "1:1"
}

func (c *Config) check(content []byte) error {
	fault := func(path, format string, args ...any) error {
		return fmt.Errorf("%s: %w", where(content, path), fmt.Errorf(format, args...))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fault("$.listen", "listen is an address like \"127.0.0.1:8642\" or \":8642\"")
	}
	if err := c.CheckDatabase(); err != nil {
		return fault("$.database", "%w", err)
	}
	if !c.Shared() && c.PasswordFile != "" {
		return fault("$.database_password_file", "database_password_file is for a PostgreSQL database; database is the path of a file")
	}
	if err := c.CheckKey(); err != nil {
		return fault("$.database_key_file", "%w", err)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		return fault("$.log.level", "level %q is none of debug, info, warn, error", c.Log.Level)
	}
	if c.Alerts.DiskFree < 1 || c.Alerts.DiskFree > 90 {
		return fault("$.alerts.disk_free_percent", "disk_free_percent must be between 1 and 90")
	}
	if u, err := url.Parse(c.Alerts.Webhook); c.Alerts.Webhook != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return fault("$.alerts.webhook", "webhook is an address like \"https://alarm.example/brevdue\"")
	}
	if c.Network.AwaitMinutes < 0 {
		return fault("$.network.await_minutes", "await_minutes must not be negative")
	}
	if c.Network.Resend < 0 || c.Network.Resend > 2 {
		return fault("$.network.resend", "resend must be 0, 1 or 2")
	}
	if u := c.Network.UndoSeconds; u != nil && (*u < 0 || *u > 120) {
		return fault("$.network.undo_seconds", "undo_seconds must be between 0 and 120")
	}
	if c.Network.Settle < 0 || c.Network.Settle > 600 {
		return fault("$.network.settle_seconds", "settle_seconds must be between 0 and 600")
	}
	if err := c.checkNetwork(fault); err != nil {
		return err
	}
	if err := c.checkSignIn(fault); err != nil {
		return err
	}
	if err := c.checkRetention(fault); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, u := range c.Units {
		path := fmt.Sprintf("$.units[%d]", i)
		switch {
		case u.GLN == "" || len(u.GLN) > 35:
			return fault(path+".gln", "a unit needs its location number (gln)")
		case seen[u.GLN]:
			return fault(path+".gln", "location number %s stands here twice", u.GLN)
		case u.Name == "":
			return fault(path+".name", "unit %s needs a name", u.GLN)
		case brevdue.UnitKind(u.Kind).Sector() == "":
			return fault(path+".kind", "kind %q is none of %s", u.Kind, KindList())
		case u.Services != "" && u.Services != "yes" && u.Services != "no" && u.Services != "unknown":
			return fault(path+".services", "services %q is none of yes, no, unknown", u.Services)
		case u.Sends != "" && u.Sends != string(brevdue.DIS91) && u.Sends != string(brevdue.XDIS91):
			return fault(path+".sends", "sends %q is none of DIS91, XDIS91", u.Sends)
		case u.IDCode != "" && !knownIDCode(u.IDCode):
			return fault(path+".id_code", "id_code %q is none of sygehusafdelingsnummer, ydernummer, lokationsnummer, kommunenummer, sorkode", u.IDCode)
		case len([]rune(u.ID)) > 17:
			return fault(path+".id", "id has more than the 17 characters a letter has room for")
		case len([]rune(u.Phone)) > 25:
			return fault(path+".phone", "phone has more than the 25 characters a letter has room for")
		}
		for field, v := range map[string]string{"organisation": u.Organisation, "department": u.Department, "unit": u.Unit} {
			if len([]rune(v)) > 35 {
				return fault(path+"."+field, "%s has more than the 35 characters a letter has room for", field)
			}
		}
		last := -1
		for j, s := range u.Shifts {
			m, ok := aftale.ParseClock(s)
			if !ok || m <= last {
				return fault(fmt.Sprintf("%s.shifts[%d]", path, j), "shifts are times like \"7:00\", in order")
			}
			last = m
		}
		if _, ok := aftale.ParseClock(u.Closes); u.Closes != "" && !ok {
			return fault(path+".closes", "closes is a time like \"16:00\"")
		}
		if !brevdue.GLN(u.GLN).Check() {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s: location number %s does not have 13 digits with the right check digit", where(content, path+".gln"), u.GLN))
		}
		seen[u.GLN] = true
	}
	return nil
}

// checkRetention holds the rules about keeping against what is allowed.
func (c *Config) checkRetention(fault func(path, format string, args ...any) error) error {
	r := c.Retention
	switch {
	case r.Content < 0:
		return fault("$.retention.content_days", "content_days must not be negative; 0 keeps the content")
	case r.Metadata < 0:
		return fault("$.retention.metadata_days", "metadata_days must not be negative; 0 keeps it")
	case r.Drafts < 0:
		return fault("$.retention.drafts_days", "drafts_days must not be negative; 0 keeps them")
	case r.Log < 0 || r.Log > 0 && r.Log < leastLog:
		return fault("$.retention.log_days", "log_days must be at least %d (six months), or 0 to keep the log", leastLog)
	}
	for gln, u := range r.Units {
		if u.Content < 0 {
			return fault("$.retention.units", "content_days must not be negative; 0 keeps the content")
		}
		if !slices.ContainsFunc(c.Units, func(of Unit) bool { return of.GLN == gln }) {
			c.Warnings = append(c.Warnings, fmt.Sprintf("retention: no unit has the location number %s", gln))
		}
	}
	return nil
}

// checkNetwork holds the network against its kind.
func (c *Config) checkNetwork(fault func(path, format string, args ...any) error) error {
	n := c.Network
	if n.Kind != KindSFTP && n.SFTP != (SFTP{}) {
		return fault("$.network.sftp", "sftp is for kind: sftp")
	}
	if n.Kind != KindHTTPS && !reflect.ValueOf(n.HTTPS).IsZero() {
		return fault("$.network.https", "https is for kind: https")
	}
	switch n.Kind {
	case KindFolder:
		if filepath.Clean(n.In) == filepath.Clean(n.Out) {
			return fault("$.network.out", "in and out must be different folders")
		}
	case KindSFTP:
		switch {
		case n.SFTP.Address == "" || n.SFTP.User == "":
			return fault("$.network.sftp", "sftp needs address and user")
		case n.SFTP.HostKey == "":
			return fault("$.network.sftp", "sftp needs host_key, the server's public key as its supplier gives it")
		case (n.SFTP.KeyFile == "") == (n.SFTP.PasswordFile == ""):
			return fault("$.network.sftp", "sftp needs key_file or password_file, one of them")
		case n.In == "" || n.Out == "" || path.Clean(n.In) == path.Clean(n.Out):
			return fault("$.network", "in and out are two different directories of the server")
		}
	case KindHTTPS:
		h := n.HTTPS
		to, err := url.Parse(h.To)
		switch {
		case h.Listen == "" && h.To == "":
			return fault("$.network.https", "https needs listen, to, or both")
		case h.Listen != "" && (h.Certificate == "" || h.Key == ""):
			return fault("$.network.https", "listen needs certificate and key")
		case h.Listen != "" && h.ClientCA == "" && h.TokenFile == "":
			return fault("$.network.https", "listen needs client_ca, token_file, or both: else anybody could deliver letters")
		case len(h.ClientNames) > 0 && h.ClientCA == "":
			return fault("$.network.https.client_names", "client_names need client_ca")
		case h.To != "" && (err != nil || to.Scheme != "https" || to.Host == ""):
			return fault("$.network.https.to", "to is an address like \"https://vans.example/letters\"")
		case (h.ToCertificate == "") != (h.ToKey == ""):
			return fault("$.network.https", "to_certificate and to_key belong together")
		case n.In != "" || n.Out != "":
			return fault("$.network", "https has no folders: take in and out away")
		}
	default:
		return fault("$.network.kind", "kind %q is none of folder, sftp, https", n.Kind)
	}
	return nil
}

func knownIDCode(s string) bool {
	switch brevdue.IDCode(s) {
	case brevdue.IDHospitalDepartment, brevdue.IDYdernummer, brevdue.IDLocation, brevdue.IDMunicipality, brevdue.IDSOR:
		return true
	}
	return false
}

// KindList names the unit kinds for a message.
func KindList() string {
	var names []string
	for _, k := range brevdue.RegisteredKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// Record returns the unit as the archive keeps it.
func (u Unit) Record() store.Unit {
	out := store.Unit{
		GLN: brevdue.GLN(u.GLN), Kind: brevdue.UnitKind(u.Kind), Name: u.Name, Phone: u.Phone, Services: u.Services, ID: u.ID,
		IDCode: brevdue.IDCode(u.IDCode), Organisation: u.Organisation, Department: u.Department, UnitName: u.Unit,
		Specialty: u.Specialty, Sends: brevdue.Kind(u.Sends),
	}
	for _, s := range u.Shifts {
		m, _ := aftale.ParseClock(s) // checked when the file was read
		out.Shifts = append(out.Shifts, m)
	}
	out.Closes, _ = aftale.ParseClock(u.Closes)
	if out.Services == "" {
		out.Services = "unknown"
	}
	if out.Sends == "" {
		out.Sends = brevdue.XDIS91
	}
	return out
}
