package config

import (
	"fmt"
	"strings"
)

// Template returns a commented configuration file with the database, its key file and
// the units of c in it: what `brevdue init` writes. Every key is explained where it stands.
func Template(c Config) []byte {
	units := c.Units
	var b strings.Builder
	b.WriteString(`# The configuration of a Brevdue installation.
# Paths are relative to the folder of this file. A key that is left out has the
# value shown here. Restart the program after a change.

# Where browsers reach the workbench. Only this machine can reach 127.0.0.1; put a
# web server with TLS in front of it for everybody else.
listen: 127.0.0.1:8642

# true when browsers come over HTTPS (through that web server): session cookies
# are then never sent in the clear.
secure_cookies: false

# The archive: letters, receipts, people, everything. A file that brevdue backup
# copies while the program runs; or, when one machine is outgrown, a PostgreSQL
# database that several nodes share:
#   database: postgres://brevdue@db.example/brevdue?sslmode=verify-full
#   database_password_file: database.password
`)
	if c.Database == "" {
		b.WriteString("database: brevdue.db\n")
	} else {
		fmt.Fprintf(&b, "database: %s\n", quote(c.Database))
	}
	if c.PasswordFile != "" {
		fmt.Fprintf(&b, "database_password_file: %s\n", quote(c.PasswordFile))
	}
	b.WriteString(`
# The file of the archive can be encrypted, with a key of 64 hexadecimal digits in a file
# (brevdue key new FILE makes one) or in a credential of systemd. Keep a copy of the key
# elsewhere: without it the archive is lost. An archive that is there is encrypted and
# decrypted by brevdue move. See docs/operations.md.
#   database_key_file: credential:brevdue-key
`)
	if c.KeyFile != "" {
		fmt.Fprintf(&b, "database_key_file: %s\n", quote(c.KeyFile))
	}
	b.WriteString(`
# Agreement files (aftaler): every .yaml file in this folder. The one in force when
# a letter was sent decides its deadline. See docs/aftale.md, and check a changed
# file with: brevdue aftale check aftaler
aftaler: aftaler

# Who can be written to: location numbers with names, kinds and what they receive.
directory: directory.yaml

# The network folder. What the network puts in "in" is taken when it has lain
# untouched for settle_seconds; what this installation sends appears in "out" at once
# and whole. Names that begin with "." or end in ".tmp" or ".part" are left alone.
# Letters hold patient data, so only the account that made the folders can reach
# them. Let the network's own program in by a group that both accounts are in:
#   chgrp GROUP . network network/*; chmod 710 . network; chmod 770 network/*
#
# Two other kinds of network, in place of the folder; docs/operations.md explains them:
#   kind: sftp                       kind: https
#   in: /fromvans                    https:
#   out: /tovans                       listen: ":8643"
#   sftp:                              certificate: tls/cert.pem
#     address: sftp.vans.example       key: tls/key.pem
#     user: kommune                    client_ca: tls/clients.pem
#     host_key: ssh-ed25519 AAAA…      to: https://vans.example/letters
#     key_file: sftp.key               to_token_file: vans.token
network:
  kind: folder
  name: folder
  in: network/in
  out: network/out
  # true: letters go out in a VANSEnvelope. Answers to enveloped letters always do.
  wrap: false
  # Minutes to wait for a receipt before a person must look.
  await_minutes: 120
  # How often a letter goes out again by itself before that, with its own number in a
  # new envelope: 0, 1 or 2. Receivers show it once; ask the network whether it wants it.
  resend: 0
  settle_seconds: 1
  # How long a letter waits after "send", so that its writer can take it back; 0: not at all.
  undo_seconds: 10

# Trouble is told once when it begins and once when it is over: in the log, on the
# operator's page and in /metrics; and to an address of yours, which mails or calls.
# docs/operations.md says what is sent and what to do.
alerts:
  disk_free_percent: 5
  webhook: ""
  webhook_token_file: "" # a file with a bearer token for it

# Who signs in: local accounts (brevdue user add), and people whom your own identity
# provider vouches for; docs/operations.md says what it must tell and how to try it.
# sign_in:
#   address: https://brevdue.example
#   no_local_accounts: false
#   oidc:
#     name: Prøvekøbing Kommune       # on the button
#     issuer: https://login.example/realms/kommune
#     client_id: brevdue
#     client_secret_file: oidc.secret
#     units_claim: units              # location numbers
#     roles_claim: roles
#     operator_roles: [brevdue-drift]
# or, by SAML 2.0, saml: with metadata_file, key_file, certificate_file and more.
# How long what is kept, in days; 0 keeps it, and nothing is deleted before you say so.
# Brevdue is not the record: hand letters over to it first. docs/operations.md says what
# goes and what stays.
retention:
  content_days: 0  # text, citizen, bytes and files, after the letter was handed over to the record; 30 is a good choice
  metadata_days: 0 # what is left of the letter, after its content went
  log_days: 0      # the audit log, at least 184; 396 (13 months) is a good choice
  drafts_days: 0   # drafts that nobody has changed since; 7 is a good choice
  without_journal: false # true: content goes also when nobody handed the letter over
  # A unit's own rule:
  #   units: {"5790000000005": {content_days: 90}}

# true: people of a unit may open one letter of another unit in an emergency, with a reason
# and for an hour. It is an alarm until an auditor has reviewed it (docs/operations.md).
break_glass: false

log:
  level: info # debug, info, warn, error
  json: false

# The units letters are delivered to. kind decides the reading deadline:
#   ward              sengeafsnit
#   clinic            klinik
#   regional-social   det regionale socialområde
#   municipal-health  kommunens sundheds- og ældreområde
#   municipal-social  kommunens socialområde
#   gp                almen praksis
#   hospital          hospitalsenhed, når det ikke er oplyst, om den er sengeafsnit eller klinik
#   municipal-other   kommunal enhed, som aftalen ikke nævner (sundhedspleje, tandpleje, PPR, job)
# More keys a unit may have:
#   phone: "87654321"           at organisation level; stands last in every letter it sends
#   shifts: ["7:00", "15:00", "23:00"]   its own shifts, else the agreement's
#   closes: "16:00"             when a practice closes
#   services: unknown           do its citizens receive municipal services: yes, no, unknown
#   id: "6620320"               its number in letters, with id_code; else the location number
#   id_code: sygehusafdelingsnummer
#   organisation, department, unit       the sender's name in letters, 35 characters each
#   specialty: intern_medicin_sygehus    MedCom's word
#   sends: XDIS91               what it sends when nobody knows what the receiver takes
`)
	if len(units) == 0 {
		b.WriteString("units: []\n#  - gln: \"5790000000005\"\n#    kind: municipal-health\n#    name: Hjemmesygeplejen Nord\n#    phone: \"87654321\"\n")
		return []byte(b.String())
	}
	b.WriteString("units:\n")
	for _, u := range units {
		fmt.Fprintf(&b, "  - gln: %q\n    kind: %s\n    name: %s\n", u.GLN, u.Kind, quote(u.Name))
		for _, f := range []struct{ key, value string }{
			{"phone", u.Phone}, {"services", u.Services}, {"id", u.ID}, {"id_code", u.IDCode}, {"organisation", u.Organisation},
			{"department", u.Department}, {"unit", u.Unit}, {"specialty", u.Specialty}, {"sends", u.Sends}, {"closes", u.Closes},
		} {
			if f.value != "" {
				fmt.Fprintf(&b, "    %s: %s\n", f.key, quote(f.value))
			} else if f.key == "phone" {
				b.WriteString("    phone: \"\" # letters cannot be sent before this is filled in\n")
			}
		}
		if len(u.Shifts) > 0 {
			var quoted []string
			for _, s := range u.Shifts {
				quoted = append(quoted, quote(s))
			}
			fmt.Fprintf(&b, "    shifts: [%s]\n", strings.Join(quoted, ", "))
		}
	}
	return []byte(b.String())
}

// quote writes text as a YAML string in double quotes.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s) + `"`
}
