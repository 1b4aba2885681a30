package config

// groups is every variable, bound to the fields of c, in the order of the documentation.
func (c *Config) groups() []Group {
	return []Group{
		c.coreGroup(), c.databaseGroup(), c.apiGroup(), c.mailGroup(), c.brevoGroup(),
		c.ovhGroup(), c.chatGroup(), c.mattermostGroup(), c.githubGroup(), c.siteGroup(),
		c.s3Group(), c.airtableGroup(), c.demarchesGroup(), c.tchapGroup(), c.padGroup(),
		c.newsletterGroup(), c.calendarGroup(), c.matomoGroup(), c.sentryGroup(), c.metabaseGroup(),
		c.supportGroup(), c.mapGroup(), c.jobsGroup(), c.demoGroup(),
	}
}

func (c *Config) coreGroup() Group {
	v := &c.Core
	return Group{
		Title: "Portail",
		Note: "L’adresse publique est `NEXTAUTH_URL`, sinon `APP_BASE_URL`, sinon `HOSTNAME` précédé de " +
			"`https://` ou `http://` selon `SECURE`, sinon `http://localhost:PORT`.",
		Variables: []Variable{
			link(&v.publicURL, "NEXTAUTH_URL", "", "Adresse publique du portail, début de tous les liens envoyés par mail."),
			link(&v.appURL, "APP_BASE_URL", "", "Adresse publique du portail quand `NEXTAUTH_URL` est absente.").or("NEXT_PUBLIC_APP_BASE_URL"),
			text(&v.hostname, "HOSTNAME", "", "Nom d’hôte public, pour former l’adresse quand les deux précédentes sont absentes."),
			boolean(&v.Secure, "SECURE", "true", "Le portail est servi en https."),
			bind(&v.proxy, "booléen", parseOptionalBool, "BEHIND_PROXY", "",
				"Un mandataire (proxy) à nous écrit l’adresse des visiteurs dans `X-Forwarded-For`. Absente : vrai si l’adresse publique est en https, puisque le programme ne parle que http.").added(),
			secret(&v.MetricsToken, "METRICS_TOKEN", "Jeton demandé par `/metrics` (`Authorization: Bearer …`). Absent : mesures ouvertes à qui atteint le port.").added(),
			port(&v.Port, "PORT", "8100", "Port d’écoute du portail."),
			secret(&v.SessionSecret, "SESSION_SECRET", "Clé des liens signés et des empreintes. Au moins 32 caractères quand `SECURE` est vrai."),
			bind(&v.EncryptKey, "64 hexadécimaux", parseHexKey, "PASSWORD_ENCRYPT_KEY", "",
				"Clé qui scelle les secrets en attente d’envoi. Absente, elle est dérivée de `SESSION_SECRET`.").hidden(),
			text(&v.Domain, "SECRETARIAT_DOMAIN", "beta.gouv.fr", "Domaine des adresses de la communauté."),
			list(&v.Admins, "ESPACE_MEMBRE_ADMIN", "", "Identifiants (`prenom.nom`) des administrateurs."),
			bind(&v.SupportEmail, "adresse mail", parseAddress, "NEXT_SUPPORT_EMAIL", "espace-membre@beta.gouv.fr", "Adresse d’aide montrée aux membres."),
			link(&v.ReportsURL, "INVESTIGATION_REPORTS_IFRAME_URL", "", "Cadre des bilans d’investigation, sur la page des ressources."),
		},
	}
}

func (c *Config) databaseGroup() Group {
	return Group{
		Title: "Base de données",
		Note:  "La démonstration et les tests ne lisent jamais ces variables : ils démarrent leur propre PostgreSQL.",
		Variables: []Variable{
			bind(&c.Database.URL, "adresse postgres", parseDatabase, "DATABASE_URL", "",
				"Base PostgreSQL : `postgres://utilisateur:motdepasse@hôte:5432/base`.").hidden(),
			external("POSTGRES_PASSWORD", "Mot de passe de la base pour les outils qui la démarrent (compose) ; le programme ne la lit pas."),
		},
	}
}

func (c *Config) apiGroup() Group {
	return Group{
		Title: "API protégée",
		Variables: []Variable{
			bind(&c.API.Keys, "liste", parseSecrets, "PROTECTED_API_KEYS", "",
				"Clés acceptées dans l’en-tête `X-Api-Key`. Aucune clé : tout est refusé.").hidden(),
			list(&c.API.Origins, "PROTECTED_API_ALLOWED_ORIGINS", "gouv.fr,ademe.fr,incubateur.net",
				"Domaines, sous-domaines compris, dont les pages peuvent appeler l’API ; `*` : toute origine en https."),
		},
	}
}

func (c *Config) mailGroup() Group {
	v := &c.Mail
	return Group{
		Title: "Mails",
		Note: "`MAIL_SERVICE` remplace l’hôte, le port et TLS : `maildev` (localhost:1025, sans TLS), `mailjet`, `sendinblue`, " +
			"`gandi`, `mailgun`… Un nom inconnu est signalé, et `MAIL_HOST` est alors utilisé.",
		Variables: []Variable{
			bind(&v.from, "adresse mail", parseSender, "MAIL_SENDER", "espace-membre@incubateur.net", "Expéditeur de tous les mails : une adresse, ou `Nom <adresse>`."),
			text(&v.Service, "MAIL_SERVICE", "", "Service SMTP connu."),
			text(&v.Host, "MAIL_HOST", "", "Serveur SMTP."),
			port(&v.Port, "MAIL_PORT", "25", "Port SMTP."),
			boolean(&v.IgnoreTLS, "MAIL_IGNORE_TLS", "false", "Ne pas chiffrer, même si le serveur le propose."),
			text(&v.User, "MAIL_USER", "", "Compte SMTP."),
			secret(&v.Password, "MAIL_PASS", "Mot de passe SMTP."),
			boolean(&v.Debug, "MAIL_DEBUG", "false", "Journaliser l’échange SMTP, sans mot de passe ni contenu."),
			boolean(&v.UseBrevo, "MAIL_USE_SIB", "false",
				"Envoyer par l’API de Brevo plutôt que par SMTP. L’ancienne version prenait tout texte non vide, même « false », pour vrai."),
		},
	}
}

func (c *Config) brevoGroup() Group {
	v := &c.Brevo
	return Group{
		Title: "Listes de contacts (Brevo)",
		Variables: []Variable{
			secret(&v.APIKey, "SIB_APIKEY_PRIVATE", "Clé de l’API de Brevo."),
			link(&v.URL, "BREVO_API_URL", "https://api.brevo.com/v3", "Adresse de l’API de Brevo.").added(),
			secret(&v.WebhookID, "SIB_WEBHOOK_ID", "Identifiant du webhook des mails rejetés (`/api/hook/…`), à donner à Brevo. Le canal des opérations en est prévenu par son propre webhook."),
			integer(&v.NewsletterList, "MAILING_LIST_NEWSLETTER", "332", "Numéro de la liste Brevo de l’infolettre."),
			integer(&v.OnboardingList, "MAILING_LIST_ONBOARDING", "333", "Numéro de la liste Brevo d’accueil."),
			integer(&v.ReminderList, "MAILING_LIST_REMINDER", "7", "Numéro de la liste Brevo des rappels."),
			boolean(&v.UpdateContact, "FEATURE_SIB_USE_UPDATE_CONTACT_EMAIL", "false", "Renommer le contact quand l’adresse change, au lieu de le retirer puis de l’ajouter."),
		},
	}
}

func (c *Config) demoGroup() Group {
	v := &c.Demo
	return Group{
		Title: "Démonstration",
		Note: "Écrites par `espace-membre demo` dans le fichier `env` de son dossier ; à ne pas poser à la main. " +
			"Quand un fichier donné à `--env-file` contient `DEMO_DIR`, lui seul compte : l’environnement du processus est ignoré.",
		Variables: []Variable{
			text(&v.Dir, "DEMO_DIR", "", "Dossier de la démonstration. Présent : les tâches destructrices s’approuvent d’elles-mêmes.").added(),
			bind(&v.ClockOffset, "durée", parseDuration, "CLOCK_OFFSET", "",
				"Écart ajouté à l’heure réelle. Refusé hors d’une démonstration.").added(),
			link(&v.SandboxURL, "SANDBOX_URL", "", "Adresse du bac à sable.").added(),
		},
	}
}
