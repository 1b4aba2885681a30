package config

import (
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Feature is a group of settings that switches something on when it is complete.
type Feature struct {
	Name    job.Feature `json:"name"`
	Label   string      `json:"label"` // French
	Enabled bool        `json:"enabled"`
	// Needs and Missing name variables; "A ou B" when either would do.
	Needs   []string `json:"needs"`
	Missing []string `json:"missing"`
}

// need is one requirement of a feature.
type need struct {
	name string
	met  bool
}

func set(name string, value string) need { return need{name, value != ""} }

func kept(name string, value Secret) need { return need{name, value.IsSet()} }

func feature(name job.Feature, label string, needs ...need) Feature {
	f := Feature{Name: name, Label: label, Enabled: true, Needs: []string{}, Missing: []string{}}
	for _, n := range needs {
		f.Needs = append(f.Needs, n.name)
		if !n.met {
			f.Enabled = false
			f.Missing = append(f.Missing, n.name)
		}
	}
	return f
}

// Features tells, for everything that settings switch on, whether it is on and what lacks.
func (c Config) Features() []Feature {
	return append(c.vendorFeatures(), c.contentFeatures()...)
}

func (c Config) vendorFeatures() []Feature {
	ovh := []need{
		kept("OVH_APP_KEY", c.OVH.AppKey), kept("OVH_APP_SECRET", c.OVH.AppSecret), kept("OVH_CONSUMER_KEY", c.OVH.ConsumerKey),
	}
	bot := kept("MATTERMOST_BOT_TOKEN", c.Mattermost.BotToken)
	brevo := kept("SIB_APIKEY_PRIVATE", c.Brevo.APIKey)
	return []Feature{
		feature("database", "Base de données", kept("DATABASE_URL", c.Database.URL)),
		feature("login", "Connexion des membres", kept("SESSION_SECRET", c.Core.SessionSecret)),
		c.mailFeature(brevo),
		feature("brevo", "Listes de contacts Brevo", brevo),
		feature("brevo-webhook", "Relais des mails rejetés", kept("SIB_WEBHOOK_ID", c.Brevo.WebhookID)),
		feature("ovh", "Boîtes mail et listes OVH", ovh...),
		feature("ovh-pro", "Boîtes OVH Pro", append(ovh, set("OVH_EMAIL_PRO_NAME", c.OVH.ProService))...),
		feature("ovh-exchange", "Boîtes OVH Exchange", append(ovh, set("OVH_EMAIL_EXCHANGE_NAME", c.OVH.ExchangeService))...),
		feature("mattermost", "Comptes Mattermost", bot, set("MATTERMOST_TEAM_ID", c.Mattermost.TeamID)),
		feature("mattermost-alumni", "Équipe Mattermost des anciens membres", bot, set("MATTERMOST_ALUMNI_TEAM_ID", c.Mattermost.AlumniTeamID)),
		feature("chat-webhook", "Messages de l’espace Communauté", kept("CHAT_WEBHOOK_URL_GENERAL", c.Chat.General)),
		feature("chat-webhook-secretariat", "Messages du canal des opérations", kept("CHAT_WEBHOOK_URL_SECRETARIAT", c.Chat.Secretariat)),
		feature("chat-webhook-dinum", "Messages de l’espace de la DINUM", kept("CHAT_WEBHOOK_URL_DINUM", c.Chat.Dinum)),
		feature("chat-webhook-gip", "Messages de l’espace du GIP", kept("CHAT_WEBHOOK_URL_GIP", c.Chat.Gip)),
		feature("github", "Organisation GitHub", kept("GITHUB_ORG_ADMIN_TOKEN", c.GitHub.AdminToken)),
		feature("github-site", "Publication sur le site public", kept("GITHUB_TOKEN", c.GitHub.Token), set("GITHUB_FORK", c.GitHub.Fork)),
		feature("matomo", "Comptes Matomo", set("MATOMO_API_URL", c.Matomo.URL), kept("MATOMO_TOKEN", c.Matomo.Token)),
		feature("sentry", "Comptes Sentry", set("SENTRY_API_URL", c.Sentry.URL), kept("SENTRY_TOKEN", c.Sentry.Token), set("SENTRY_ORGANIZATION", c.Sentry.Organization)),
	}
}

func (c Config) mailFeature(brevo need) Feature {
	if c.Mail.UseBrevo {
		return feature("mail", "Envoi de mails, par Brevo", brevo)
	}
	return feature("mail", "Envoi de mails, par SMTP", set("MAIL_HOST ou MAIL_SERVICE", c.Mail.Host))
}

func (c Config) contentFeatures() []Feature {
	return []Feature{
		feature("hedgedoc", "Pad de l’infolettre", set("PAD_USERNAME", c.Pad.User), kept("PAD_PASSWORD", c.Pad.Password)),
		feature("newsletter", "Création de l’infolettre", kept("NEWSLETTER_HASH_SECRET", c.Newsletter.HashSecret), set("NEWSLETTER_TEMPLATE_ID", c.Newsletter.TemplateID)),
		feature("job-offers", "Offres d’emploi de l’infolettre", set("JOBS_WTTJ_API", c.Newsletter.JobsURL)),
		feature("icalendar", "Agenda de la communauté", kept("CALENDAR_URL", c.Calendar.URL)),
		feature("icalendar-gip", "Agenda du GIP", kept("CALENDAR_GIP_URL", c.Calendar.GipURL)),
		feature("support-group", "Rendez-vous du groupe de soutien", set("CALENDSO_GROUP_DE_SOUTIEN", c.Chat.SupportSlot)),
		feature("airtable", "Formations", kept("AIRTABLE_API_KEY", c.Airtable.APIKey), set("AIRTABLE_FORMATION_BASE_ID", c.Airtable.BaseID)),
		feature("demarches", "Demandes de badge", kept("DS_TOKEN", c.Demarches.Token), need{"DS_DEMARCHE_NUMBER", c.Demarches.Badge > 0}),
		feature("demarches-renewal", "Renouvellements de badge", kept("DS_TOKEN", c.Demarches.Token),
			need{"DS_DEMARCHE_RENEWAL_BADGE_NUMBER", c.Demarches.BadgeRenewal > 0}),
		feature("tchap", "Reconnaissance des agents publics", set("TCHAP_API", c.Tchap.URL)),
		feature("s3", "Fichiers sur S3 (sinon dans PostgreSQL)", set("S3_HOST", c.S3.Host), kept("S3_KEY_ID", c.S3.KeyID),
			kept("S3_KEY_SECRET", c.S3.Key), set("S3_BUCKET", c.S3.Bucket)),
		feature("users-api", "Membres du site public", set("USERS_API", c.Site.Users)),
		feature("site-api", "Produits du site public", set("STARTUPS_API", c.Site.Startups), set("STARTUPS_DETAILS_API", c.Site.StartupDetails)),
		feature("metabase", "Tableau de bord Metabase", kept("METABASE_SECRET_KEY", c.Metabase.SecretKey)),
		feature("protected-api", "API protégée", need{"PROTECTED_API_KEYS", len(c.API.Keys) > 0}),
		feature("error-report", "Rapport des erreurs du portail", kept("SENTRY_DSN", c.Sentry.DSN)),
		feature("audience", "Mesure d’audience", set("NEXT_PUBLIC_MATOMO_URL", c.Matomo.Audience), set("NEXT_PUBLIC_MATOMO_SITE_ID", c.Matomo.AudienceID)),
		c.supportFeature(),
	}
}

func (c Config) supportFeature() Feature {
	if c.Support.Service == "chatwoot" {
		return feature("support-chat", "Discussion d’aide, par Chatwoot", set("NEXT_PUBLIC_CHATWOOT_WEBSITE_TOKEN", c.Support.ChatwootToken))
	}
	return feature("support-chat", "Discussion d’aide, par Crisp", set("NEXT_PUBLIC_CRISP_WEBSITE_ID", c.Support.CrispID))
}

// Feature gives one feature by name; ok is false for a name that does not exist.
func (c Config) Feature(name job.Feature) (f Feature, ok bool) {
	for _, f := range c.Features() {
		if f.Name == name {
			return f, true
		}
	}
	return Feature{}, false
}

// Enabled tells whether a feature is complete; an unknown one is not.
func (c Config) Enabled(name job.Feature) bool {
	f, ok := c.Feature(name)
	return ok && f.Enabled
}

// needed tells which features a variable serves, in French.
func needed(variable string, features []Feature) []string {
	var labels []string
	for _, f := range features {
		for _, name := range f.Needs {
			if name == variable || strings.HasPrefix(name, variable+" ou ") || strings.HasSuffix(name, " ou "+variable) {
				labels = append(labels, f.Label)
			}
		}
	}
	return labels
}
