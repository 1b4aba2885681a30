package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

var booleans = map[string]bool{
	"true": true, "1": true, "yes": true, "on": true,
	"false": false, "0": false, "no": false, "off": false,
}

// ParseBool reads true/false, 1/0, yes/no or on/off, whatever the case, and nothing else.
// The error is a French reason.
func ParseBool(text string) (bool, error) {
	value, ok := booleans[strings.ToLower(strings.TrimSpace(text))]
	if !ok {
		return false, errors.New("attend un booléen : true/false, 1/0, yes/no ou on/off")
	}
	return value, nil
}

// parseOptionalBool keeps "absent" apart from "false": its value is "true" or "false".
func parseOptionalBool(text string) (string, error) {
	value, err := ParseBool(text)
	return strconv.FormatBool(value), err
}

// ParseSchedule checks a cron expression of five fields, or six with seconds first, and gives
// it in five when its seconds are 0. The error is a French reason.
func ParseSchedule(text string) (string, error) {
	fields := strings.Fields(text)
	if len(fields) != 5 && len(fields) != 6 || strings.Contains(text, "=") {
		return "", errors.New("attend une expression cron de cinq champs, ou six (secondes d’abord)")
	}
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	if _, err := parser.Parse(strings.Join(fields, " ")); err != nil {
		return "", errors.New("n’est pas une expression cron lisible")
	}
	if len(fields) == 6 && strings.Trim(fields[0], "0") == "" {
		fields = fields[1:]
	}
	return strings.Join(fields, " "), nil
}

func parseInteger(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, errors.New("attend un nombre entier")
	case n < least || n > most:
		return 0, fmt.Errorf("attend un nombre entre %d et %d", least, most)
	}
	return n, nil
}

// parseLink reads an absolute http(s) address, and drops its trailing slashes.
func parseLink(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("attend une adresse complète, en http:// ou https://")
	}
	return strings.TrimRight(text, "/"), nil
}

// parseTiles reads the address of a server of tiles, on one host: its origin goes into the CSP.
func parseTiles(text string) (string, error) {
	host, path, _ := strings.Cut(strings.TrimPrefix(text, "https://"), "/")
	if !strings.HasPrefix(text, "https://") || host == "" || strings.ContainsAny(host, "{};,' \"*") {
		return "", errors.New("attend une adresse https, d’un seul serveur (sans {s})")
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(path, part) {
			return "", errors.New("attend {z}, {x} et {y} dans l’adresse")
		}
	}
	return text, nil
}

// parseHost reads an address, or a host name that then means https.
func parseHost(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	return parseLink(text)
}

func parseDatabase(text string) (Secret, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" && !u.Query().Has("host") || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return Secret{}, errors.New("attend une adresse postgres://utilisateur:motdepasse@hôte:port/base")
	}
	return NewSecret(text), nil
}

func parseSecretLink(text string) (Secret, error) {
	if _, err := parseLink(text); err != nil {
		return Secret{}, err
	}
	return NewSecret(text), nil
}

func parseHexKey(text string) (Secret, error) {
	if !regexp.MustCompile(`^[0-9a-fA-F]{64}$`).MatchString(text) {
		return Secret{}, errors.New("attend 64 caractères hexadécimaux (32 octets)")
	}
	return NewSecret(text), nil
}

func parseList(text string) ([]string, error) {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items, nil
}

func parseSecrets(text string) ([]Secret, error) {
	items, err := parseList(text)
	secrets := make([]Secret, len(items))
	for i, item := range items {
		secrets[i] = NewSecret(item)
	}
	return secrets, err
}

func parsePatterns(text string) ([]*regexp.Regexp, error) {
	items, _ := parseList(text)
	patterns := make([]*regexp.Regexp, len(items))
	for i, item := range items {
		pattern, err := regexp.Compile("(?i)" + item)
		if err != nil {
			return nil, fmt.Errorf("l’expression régulière n° %d est illisible", i+1)
		}
		patterns[i] = pattern
	}
	return patterns, nil
}

func parseAddress(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	if err != nil {
		return "", errors.New("attend une adresse électronique")
	}
	return strings.ToLower(address.Address), nil
}

// parseSender keeps the display name of an address.
func parseSender(text string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil {
		return "", errors.New("attend une adresse électronique, avec ou sans nom : Nom <adresse>")
	}
	return text, nil
}

func parseAddresses(text string) ([]string, error) {
	items, _ := parseList(text)
	for i, item := range items {
		address, err := parseAddress(item)
		if err != nil {
			return nil, fmt.Errorf("le n° %d de la liste n’est pas une adresse électronique", i+1)
		}
		items[i] = address
	}
	return items, nil
}

func parseBanner(text string) (*Banner, error) {
	banner := Banner{Severity: "info"}
	if err := json.Unmarshal([]byte(text), &banner); err != nil {
		return nil, errors.New(`attend du JSON : {"title": "…", "description": "…", "severity": "info"}`)
	}
	switch {
	case banner.Title == "":
		return nil, errors.New("le champ « title » manque")
	case banner.Severity != "info" && banner.Severity != "warning":
		return nil, errors.New("« severity » vaut info ou warning")
	}
	return &banner, nil
}

func parseWeekday(text string) (time.Weekday, error) {
	for day := time.Monday; day <= time.Friday; day++ {
		if strings.EqualFold(day.String(), text) {
			return day, nil
		}
	}
	return 0, errors.New("attend MONDAY, TUESDAY, WEDNESDAY, THURSDAY ou FRIDAY")
}

func parseEndpoint(text string) (string, error) {
	names := map[string]string{
		"ovh-eu": "https://eu.api.ovh.com/1.0",
		"ovh-ca": "https://ca.api.ovh.com/1.0",
		"ovh-us": "https://api.us.ovhcloud.com/1.0",
	}
	if address, ok := names[strings.ToLower(text)]; ok {
		return address, nil
	}
	address, err := parseLink(text)
	if err != nil {
		return "", errors.New("attend ovh-eu, ovh-ca, ovh-us ou une adresse complète")
	}
	return address, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New("attend une durée, par exemple -48h30m")
	}
	return d, nil
}

// parseRepository reads owner/name; a bare name belongs to betagouv.
func parseRepository(text string) (string, error) {
	if !strings.Contains(text, "/") {
		text = "betagouv/" + text
	}
	if !regexp.MustCompile(`^[\w.-]+/[\w.-]+$`).MatchString(text) {
		return "", errors.New("attend propriétaire/dépôt")
	}
	return text, nil
}

func parseText(text string) (string, error) { return text, nil }

func parseSecret(text string) (Secret, error) { return NewSecret(text), nil }

// parsePrefix reads an address that something is appended to: it is kept as written.
func parsePrefix(text string) (string, error) {
	if _, err := parseLink(text); err != nil {
		return "", err
	}
	return text, nil
}
