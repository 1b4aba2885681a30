package config

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
)

// Role is what a command is about to do with the settings.
type Role string

// The roles.
const (
	RoleData   Role = "data"   // reads or writes the database: migrate, seed, import, jobs
	RolePortal Role = "portal" // serves pages
	RoleWorker Role = "worker" // performs jobs, which sign links too
)

// Require tells what a role cannot do without, as refusals; nothing when all is there.
func (c Config) Require(role Role) []Problem {
	var problems []Problem
	absent := func(name, why string) {
		problems = append(problems, Problem{Name: name, Reason: "absente : " + why, Severity: Refused})
	}
	if !c.Database.URL.IsSet() {
		absent("DATABASE_URL", "l’adresse de la base PostgreSQL est nécessaire")
	}
	if role != RoleData && !c.Core.SessionSecret.IsSet() {
		absent("SESSION_SECRET", "la clé des liens signés est nécessaire, par exemple : openssl rand -hex 32")
	}
	return problems
}

// SealKey gives the key of secrets that wait in the database: PASSWORD_ENCRYPT_KEY, else one
// derived from SESSION_SECRET. Without either it is all zero and ok is false.
func (c Core) SealKey() (key [32]byte, ok bool) {
	if c.EncryptKey.IsSet() {
		n, err := hex.Decode(key[:], []byte(c.EncryptKey.Reveal()))
		return key, err == nil && n == len(key)
	}
	return c.DeriveKey("seal")
}

// DeriveKey gives a key for one purpose (an English word) from SESSION_SECRET, so that no two
// uses share a key. Without SESSION_SECRET it is all zero and ok is false.
func (c Core) DeriveKey(purpose string) (key [32]byte, ok bool) {
	if !c.SessionSecret.IsSet() {
		return key, false
	}
	bytes, err := hkdf.Key(sha256.New, []byte(c.SessionSecret.Reveal()), nil, "espace-membre "+purpose, len(key))
	if err != nil {
		return key, false
	}
	copy(key[:], bytes)
	return key, true
}
