package config

func (c *Config) ovhGroup() Group {
	v := &c.OVH
	return Group{
		Title: "Boîtes mail (OVH)",
		Variables: []Variable{
			bind(&v.Endpoint, "adresse web", parseEndpoint, "OVH_ENDPOINT", "https://eu.api.ovh.com/1.0",
				"API d’OVH : `ovh-eu`, `ovh-ca`, `ovh-us` ou une adresse complète.").added(),
			secret(&v.AppKey, "OVH_APP_KEY", "Clé de l’application OVH."),
			secret(&v.AppSecret, "OVH_APP_SECRET", "Secret de l’application OVH."),
			secret(&v.ConsumerKey, "OVH_CONSUMER_KEY", "Clé du consommateur OVH."),
			text(&v.ProService, "OVH_EMAIL_PRO_NAME", "", "Service Email Pro. Absent : pas de boîte Pro."),
			text(&v.ExchangeService, "OVH_EMAIL_EXCHANGE_NAME", "", "Service Exchange. Absent : pas de boîte Exchange."),
			choice(&v.DefaultPlan, "EMAIL_DEFAULT_PLAN", string(PlanBasic), "Offre des nouvelles boîtes, quand l’incubateur du membre n’en impose pas une.",
				PlanBasic, PlanPro, PlanExchange),
			list(&v.ExchangeIncubators, "EMAIL_EXCHANGE_INCUBATORS", "gip-inclusion",
				"Incubateurs dont les membres reçoivent une boîte Exchange, quand leur fiche n’impose pas d’offre.").added(),
			bind(&v.LeavesEmail, "adresse mail", parseAddress, "LEAVES_EMAIL", "depart@beta.gouv.fr", "Adresse qui reçoit le courrier d’une boîte supprimée."),
			text(&v.MembersList, "INCUBATEUR_MAILING_LIST_NAME", "incubateur", "Nom de la liste de diffusion OVH de tous les membres."),
		},
	}
}

func (c *Config) mattermostGroup() Group {
	v := &c.Mattermost
	return Group{
		Title: "Comptes et équipes (Mattermost)",
		Note:  "Les équipes n’ont plus de valeur par défaut : l’ancienne (`testteam`, `testalumniteam`) n’existait sur aucun serveur.",
		Variables: []Variable{
			link(&v.URL, "MATTERMOST_URL", "https://mattermost.incubateur.net", "Adresse du serveur."),
			secret(&v.BotToken, "MATTERMOST_BOT_TOKEN", "Jeton du robot."),
			text(&v.TeamID, "MATTERMOST_TEAM_ID", "", "Identifiant de l’équipe Communauté."),
			text(&v.AlumniTeamID, "MATTERMOST_ALUMNI_TEAM_ID", "", "Identifiant de l’équipe des anciens membres."),
			link(&v.InvitationLink, "MATTERMOST_INVITATION_LINK", "", "Lien d’invitation donné dans les mails de bienvenue."),
			text(&v.InviteID, "MATTERMOST_INVITE_ID", "", "Identifiant d’invitation, pour le lien d’inscription des messages de bienvenue."),
			list(&v.AllowedDomains, "MATTERMOST_ALLOWED_DOMAINS", "beta.gouv.fr", "Domaines dont les comptes sont attendus sur le serveur."),
			bind(&v.EmailException, "liste d’expressions régulières", parsePatterns, "MATTERMOST_EMAIL_REGEX_EXCEPTION", "",
				"Adresses des comptes à ne jamais retirer (sans tenir compte des majuscules)."),
		},
	}
}

func (c *Config) chatGroup() Group {
	v := &c.Chat
	return Group{
		Title: "Messages (webhooks Mattermost)",
		Note:  "Un webhook absent fait taire son canal, et lui seul.",
		Variables: []Variable{
			secretLink(&v.General, "CHAT_WEBHOOK_URL_GENERAL", "Webhook de l’espace Communauté."),
			secretLink(&v.Secretariat, "CHAT_WEBHOOK_URL_SECRETARIAT", "Webhook du canal des opérations."),
			secretLink(&v.Dinum, "CHAT_WEBHOOK_URL_DINUM", "Webhook de l’espace de la DINUM."),
			secretLink(&v.Gip, "CHAT_WEBHOOK_URL_GIP", "Webhook de l’espace du GIP."),
			link(&v.SupportSlot, "CALENDSO_GROUP_DE_SOUTIEN", "", "Page de rendez-vous du groupe de soutien, donnée dans son rappel mensuel."),
		},
	}
}

func (c *Config) githubGroup() Group {
	v := &c.GitHub
	return Group{
		Title: "GitHub",
		Variables: []Variable{
			link(&v.URL, "GITHUB_API_URL", "https://api.github.com", "Adresse de l’API de GitHub.").added(),
			secret(&v.AdminToken, "GITHUB_ORG_ADMIN_TOKEN", "Jeton qui gère les membres de l’organisation."),
			text(&v.Organization, "GITHUB_ORGANIZATION_NAME", "betagouv", "Organisation."),
			text(&v.Team, "GITHUB_BETAGOUV_TEAM", "beta-gouv-fr", "Équipe où inviter les membres."),
			secret(&v.Token, "GITHUB_TOKEN", "Jeton qui écrit dans le fork et ouvre les pull requests du site public."),
			bind(&v.Repository, "texte", parseRepository, "GITHUB_REPOSITORY", "betagouv/beta.gouv.fr", "Dépôt du site public, `propriétaire/dépôt`."),
			bind(&v.Fork, "texte", parseRepository, "GITHUB_FORK", "", "Fork du site public où les branches sont poussées."),
		},
	}
}

func (c *Config) s3Group() Group {
	v := &c.S3
	return Group{
		Title: "Fichiers (S3)",
		Note:  "Sans ces variables, les photos et les documents sont gardés dans PostgreSQL.",
		Variables: []Variable{
			bind(&v.Host, "hôte ou adresse web", parseHost, "S3_HOST", "", "Point d’accès S3."),
			secret(&v.KeyID, "S3_KEY_ID", "Identifiant de clé."),
			secret(&v.Key, "S3_KEY_SECRET", "Clé secrète."),
			text(&v.Bucket, "S3_BUCKET", "", "Compartiment."),
			text(&v.Region, "S3_REGION", "", "Région."),
		},
	}
}

func (c *Config) airtableGroup() Group {
	v := &c.Airtable
	return Group{
		Title: "Formations (Airtable)",
		Variables: []Variable{
			link(&v.URL, "AIRTABLE_API_URL", "https://api.airtable.com/v0", "Adresse de l’API d’Airtable.").added(),
			secret(&v.APIKey, "AIRTABLE_API_KEY", "Clé de l’API."),
			text(&v.BaseID, "AIRTABLE_FORMATION_BASE_ID", "", "Base des formations."),
		},
	}
}

func (c *Config) demarchesGroup() Group {
	v := &c.Demarches
	return Group{
		Title: "Badges (Démarches simplifiées)",
		Variables: []Variable{
			link(&v.URL, "DS_API_URL", "https://www.demarches-simplifiees.fr/api/v2/graphql", "Adresse de l’API de Démarches simplifiées.").added(),
			secret(&v.Token, "DS_TOKEN", "Jeton de l’API."),
			integer(&v.Badge, "DS_DEMARCHE_NUMBER", "", "Numéro de la démarche de demande de badge."),
			integer(&v.BadgeRenewal, "DS_DEMARCHE_RENEWAL_BADGE_NUMBER", "", "Numéro de la démarche de renouvellement."),
			link(&v.FormURL, "NEXT_PUBLIC_DS_BADGE_FORM_URL", "", "Formulaire de demande."),
			link(&v.RenewalURL, "NEXT_PUBLIC_DS_BADGE_RENEWAL_FORM_URL", "", "Formulaire de renouvellement."),
		},
	}
}

func (c *Config) tchapGroup() Group {
	return Group{
		Title: "Agents publics (Tchap)",
		Variables: []Variable{
			bind(&c.Tchap.URL, "adresse web", parsePrefix, "TCHAP_API", "", "Début de l’adresse de l’annuaire : l’adresse mail est ajoutée à la fin. Absent : personne n’est reconnu comme agent public."),
		},
	}
}

func (c *Config) calendarGroup() Group {
	v := &c.Calendar
	return Group{
		Title: "Agendas",
		Variables: []Variable{
			secretLink(&v.URL, "CALENDAR_URL", "Agenda (iCalendar) de la communauté."),
			link(&v.PublicURL, "CALENDAR_PUBLIC_URL", "", "Page publique de cet agenda, donnée dans le message."),
			secretLink(&v.GipURL, "CALENDAR_GIP_URL", "Agenda (iCalendar) du GIP."),
			link(&v.GipPublicURL, "CALENDAR_GIP_PUBLIC_URL", "", "Page publique de cet agenda."),
			schedule(c.Jobs.Schedules, "CALENDAR_CRON_TIME", "Horaire de la publication des événements de la semaine."),
		},
	}
}

func (c *Config) matomoGroup() Group {
	v := &c.Matomo
	return Group{
		Title: "Matomo",
		Variables: []Variable{
			link(&v.URL, "MATOMO_API_URL", "", "Serveur où les membres ont un compte."),
			secret(&v.Token, "MATOMO_TOKEN", "Jeton d’administration."),
			schedule(c.Jobs.Schedules, "SYNC_MATOMO_ACCOUNT_CRON", "Horaire du relevé des comptes."),
			link(&v.Audience, "NEXT_PUBLIC_MATOMO_URL", "", "Serveur qui mesure l’audience du portail."),
			text(&v.AudienceID, "NEXT_PUBLIC_MATOMO_SITE_ID", "", "Numéro du portail sur ce serveur."),
		},
	}
}

func (c *Config) sentryGroup() Group {
	v := &c.Sentry
	return Group{
		Title: "Sentry",
		Variables: []Variable{
			link(&v.URL, "SENTRY_API_URL", "", "API du serveur où les membres ont un compte."),
			secret(&v.Token, "SENTRY_TOKEN", "Jeton d’administration."),
			text(&v.Organization, "SENTRY_ORGANIZATION", "", "Organisation."),
			link(&v.WebsiteURL, "SENTRY_WEBSITE_URL", "", "Adresse montrée aux membres."),
			schedule(c.Jobs.Schedules, "SYNC_SENTRY_ACCOUNT_CRON", "Horaire du relevé des comptes."),
			secretLink(&v.DSN, "SENTRY_DSN", "Adresse où le portail envoie ses propres erreurs.").or("NEXT_PUBLIC_SENTRY_DSN"),
		},
	}
}

func (c *Config) metabaseGroup() Group {
	return Group{
		Title: "Metabase",
		Variables: []Variable{
			secret(&c.Metabase.SecretKey, "METABASE_SECRET_KEY", "Clé qui signe le tableau de bord intégré."),
		},
	}
}
