package config

import (
	"regexp"
	"strings"
	"time"
)

// Config is every setting of the product, typed and validated. Addresses of services have no
// trailing slash; an absent text is empty, an absent secret is the zero Secret.
type Config struct {
	Core       Core
	Database   Database
	API        API
	Mail       Mail
	Brevo      Brevo
	OVH        OVH
	Chat       Chat
	Mattermost Mattermost
	GitHub     GitHub
	Site       Site
	S3         S3
	Airtable   Airtable
	Demarches  Demarches
	Tchap      Tchap
	Pad        Pad
	Newsletter Newsletter
	Calendar   Calendar
	Matomo     Matomo
	Sentry     Sentry
	Metabase   Metabase
	Support    Support
	Map        Map
	Jobs       Jobs
	Demo       Demo
}

// Core is what the portal and the worker both need.
type Core struct {
	BaseURL     string // public address of the portal, without trailing slash
	BaseURLFrom string // name of the variable that BaseURL comes from; "PORT" when deduced
	Port        int
	Secure      bool
	Domain      string   // mail domain of the community's mailboxes
	Admins      []string // usernames of the administrators
	// SessionSecret is the key of signed links and, failing EncryptKey, of sealed secrets.
	SessionSecret Secret
	EncryptKey    Secret // 64 hexadecimal characters
	SupportEmail  string
	ReportsURL    string // frame of the "ressources" page
	// BehindProxy trusts the client address that a proxy of ours wrote in X-Forwarded-For.
	BehindProxy  bool
	MetricsToken Secret // asked by /metrics when it is set

	publicURL, appURL, hostname, proxy string
}

// HTTPS tells whether visitors reach the portal over https, so that cookies may be strict.
func (c Core) HTTPS() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// Database is where the data lives.
type Database struct {
	URL Secret // postgres://…, password included
}

// API is the protected JSON API.
type API struct {
	Keys    []Secret // accepted X-Api-Key values
	Origins []string // domains allowed by CORS, subdomains included; "*" is any https origin
}

// Mail is how messages leave.
type Mail struct {
	Sender     string // address
	SenderName string // shown beside it; empty when MAIL_SENDER is a bare address
	Service    string // a name that mail.ServiceNamed knows, or empty
	Host       string // of the service, if there is one
	Port       int
	IgnoreTLS  bool
	User       string
	Password   Secret
	Debug      bool
	UseBrevo   bool // Brevo's API instead of SMTP

	from string
}

// Brevo is the vendor of contact lists and campaigns.
type Brevo struct {
	APIKey         Secret
	URL            string
	WebhookID      Secret
	NewsletterList int
	OnboardingList int
	ReminderList   int
	UpdateContact  bool // rename a contact instead of removing and adding it
}

// Plan is a kind of mailbox at OVH.
type Plan string

// The plans, named as in the reference.
const (
	PlanBasic    Plan = "EMAIL_PLAN_BASIC"
	PlanPro      Plan = "EMAIL_PLAN_PRO"
	PlanExchange Plan = "EMAIL_PLAN_EXCHANGE"
)

// OVH is the vendor of mailboxes.
type OVH struct {
	Endpoint        string // with its version, for example https://eu.api.ovh.com/1.0
	AppKey          Secret
	AppSecret       Secret
	ConsumerKey     Secret
	ProService      string // empty: no Pro mailbox
	ExchangeService string // empty: no Exchange mailbox
	DefaultPlan     Plan   // of members whose incubator does not name one
	// ExchangeIncubators is the incubators (slug) whose members get an Exchange mailbox when
	// the incubator's record names no plan.
	ExchangeIncubators []string
	LeavesEmail        string // where the mail of a deleted address goes
	MembersList        string // name of the mailing list of all members
}

// Chat is the incoming webhooks of Mattermost, one per channel; each address is a secret.
type Chat struct {
	General     Secret
	Secretariat Secret
	Dinum       Secret
	Gip         Secret
	SupportSlot string // page where a slot with the support group is booked
}

// Mattermost is the chat server and its teams.
type Mattermost struct {
	URL            string
	BotToken       Secret
	TeamID         string
	AlumniTeamID   string
	InvitationLink string
	InviteID       string // sign-up link of welcome messages
	AllowedDomains []string
	EmailException []*regexp.Regexp // addresses never removed, case-insensitive, unanchored
}

// GitHub is the organisation, and the repository of the public site.
type GitHub struct {
	URL          string
	AdminToken   Secret // manages the members of the organisation
	Organization string
	Team         string
	Token        Secret // writes to the fork and opens pull requests
	Repository   string // owner/name of the public site
	Fork         string // owner/name of the fork that receives the branches
}

// Site is the public site's data files.
type Site struct {
	Users          string
	Startups       string
	StartupDetails string
	Incubators     string
	Sponsors       string
}

// S3 is an object storage for files; without it files live in the database.
type S3 struct {
	Host   string // https://… address of the endpoint
	KeyID  Secret
	Key    Secret
	Bucket string
	Region string
}

// Airtable is the base of trainings.
type Airtable struct {
	URL    string
	APIKey Secret
	BaseID string
}

// Demarches is Démarches simplifiées, for badges.
type Demarches struct {
	URL          string
	Token        Secret
	Badge        int
	BadgeRenewal int
	FormURL      string
	RenewalURL   string
}

// Tchap is the directory that tells public servants.
type Tchap struct {
	URL string // prefix; the address is appended
}

// Pad is the HedgeDoc server.
type Pad struct {
	URL      string
	User     string
	Password Secret
}

// Newsletter is the weekly letter.
type Newsletter struct {
	SentDay    time.Weekday
	HashSecret Secret
	TemplateID string
	Broadcast  []string // extra recipients
	BotIconURL string
	JobsURL    string // feed of job offers
}

// Calendar is the feeds posted each week. Feed addresses hold a token, so they are secrets.
type Calendar struct {
	URL          Secret
	PublicURL    string
	GipURL       Secret
	GipPublicURL string
}

// Matomo is the audience server: accounts of members, and our own counting.
type Matomo struct {
	URL        string
	Token      Secret
	AudienceID string
	Audience   string // address of the server that counts our own pages
}

// Sentry is the error tracker: accounts of members, and our own reports.
type Sentry struct {
	URL          string
	Token        Secret
	Organization string
	WebsiteURL   string
	DSN          Secret
}

// Metabase signs the embedded dashboard.
type Metabase struct {
	SecretKey Secret
}

// Support is the help chat, the banners and what else visitors see.
type Support struct {
	Service         string // "crisp" or "chatwoot"
	CrispID         string
	ChatwootURL     string
	ChatwootToken   string
	ChatwootHook    Secret
	ChatwootBadge   Secret
	ChatwootIgnored []string
	PublicBanner    *Banner // nil when there is none
	PrivateBanner   *Banner
	ProductPictures bool
}

// Map is the background of the members' map.
type Map struct {
	TilesURL    string // with {z}, {x} and {y}; empty: our own drawing alone
	TilesCredit string
}

// Banner is a notice at the top of every page.
type Banner struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Severity    string `json:"severity"` // info or warning
}

// Jobs is the switches and schedules of scheduled jobs. See JobSwitch and JobSchedule.
type Jobs struct {
	Flags     map[string]bool   // FEATURE_* variables that are set
	Switches  map[string]bool   // JOB_* variables that are set
	Schedules map[string]string // variables of schedules that are set
}

// Demo marks the folder of a demonstration; all zero in production.
type Demo struct {
	Dir         string        // the demonstration's folder; set: jobs approve themselves
	ClockOffset time.Duration // added to the real time
	SandboxURL  string        // console of the simulators
}

// On tells whether the settings are those of a demonstration.
func (d Demo) On() bool { return d.Dir != "" }
