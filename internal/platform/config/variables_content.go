package config

func (c *Config) siteGroup() Group {
	v := &c.Site
	return Group{
		Title: "Site public",
		Note: "`USERS_API` garde son adresse connue, en v1.6. Les formats v2.5 à v2.7 sont lus aussi, et recommandés : " +
			"la v1.6 ne donne ni le domaine, ni le rôle, ni les produits.",
		Variables: []Variable{
			link(&v.Users, "USERS_API", "https://beta.gouv.fr/api/v1.6/authors.json", "Membres publiés."),
			link(&v.Startups, "STARTUPS_API", "https://beta.gouv.fr/api/v2.6/startups.json", "Produits publiés."),
			link(&v.StartupDetails, "STARTUPS_DETAILS_API", "https://beta.gouv.fr/api/v2.6/startups_details.json", "Détail des produits publiés."),
			link(&v.Incubators, "NEXT_PUBLIC_INCUBATOR_API", "https://beta.gouv.fr/api/v2.6/incubators.json", "Incubateurs publiés.").or("INCUBATOR_API"),
			link(&v.Sponsors, "NEXT_PUBLIC_SPONSOR_API", "https://beta.gouv.fr/api/v2.6/sponsors.json", "Sponsors publiés.").or("SPONSOR_API"),
		},
	}
}

func (c *Config) padGroup() Group {
	v := &c.Pad
	return Group{
		Title: "Pad (HedgeDoc)",
		Variables: []Variable{
			link(&v.URL, "PAD_URL", "https://pad.incubateur.net", "Adresse du serveur."),
			text(&v.User, "PAD_USERNAME", "", "Compte."),
			secret(&v.Password, "PAD_PASSWORD", "Mot de passe."),
		},
	}
}

func (c *Config) newsletterGroup() Group {
	v := &c.Newsletter
	return Group{
		Title: "Infolettre",
		Variables: []Variable{
			bind(&v.SentDay, "jour", parseWeekday, "NEWSLETTER_SENT_DAY", "THURSDAY", "Jour d’envoi écrit dans le pad, en anglais et en capitales."),
			secret(&v.HashSecret, "NEWSLETTER_HASH_SECRET", "Clé du nom du pad."),
			text(&v.TemplateID, "NEWSLETTER_TEMPLATE_ID", "", "Pad qui sert de modèle."),
			bind(&v.Broadcast, "liste d’adresses mail", parseAddresses, "NEWSLETTER_BROADCAST_LIST", "secretariat@beta.gouv.fr", "Destinataires en plus de la liste."),
			link(&v.BotIconURL, "NEWSLETTER_BOT_ICON_URL", "", "Image du robot qui rappelle l’infolettre."),
			link(&v.JobsURL, "JOBS_WTTJ_API", "", "Offres d’emploi à citer."),
			schedule(c.Jobs.Schedules, "NEWSLETTER_FIRST_REMINDER_TIME", "Horaire du premier rappel."),
			schedule(c.Jobs.Schedules, "NEWSLETTER_SECOND_REMINDER_TIME", "Horaire du deuxième rappel."),
			schedule(c.Jobs.Schedules, "NEWSLETTER_SEND_TIME", "Horaire de l’envoi."),
		},
	}
}

func (c *Config) supportGroup() Group {
	v := &c.Support
	return Group{
		Title: "Aide et bandeaux",
		Variables: []Variable{
			choice(&v.Service, "NEXT_PUBLIC_CHAT_SUPPORT_SERVICE", "crisp", "Service de discussion avec l’équipe d’aide.", "crisp", "chatwoot"),
			text(&v.CrispID, "NEXT_PUBLIC_CRISP_WEBSITE_ID", "", "Identifiant Crisp. Absent : pas de discussion Crisp.").or("CRISP_WEBSITE_ID"),
			text(&v.ChatwootToken, "NEXT_PUBLIC_CHATWOOT_WEBSITE_TOKEN", "", "Jeton public Chatwoot.").or("CHATWOOT_WEBSITE_TOKEN"),
			link(&v.ChatwootURL, "CHATWOOT_URL", "https://chatwoot.incubateur.net", "Serveur Chatwoot où s’ouvre la discussion.").added(),
			secret(&v.ChatwootHook, "CHATWOOT_ID", "Identifiant du webhook des conversations, et du webhook Mattermost qui le relaie."),
			secret(&v.ChatwootBadge, "CHATWOOT_BADGE_ID", "Identifiant du webhook des conversations sur les badges."),
			bind(&v.ChatwootIgnored, "liste d’adresses mail", parseAddresses, "CHATWOOT_IGNORE_EMAILS", "",
				"Expéditeurs à ne pas relayer. L’ancienne version découpait cette liste lettre par lettre : elle ne servait à rien."),
			banner(&v.PublicBanner, "NEXT_PUBLIC_ALERT_MESSAGE_PUBLIC", "Bandeau des pages publiques : `{\"title\": \"…\", \"description\": \"…\", \"severity\": \"info\"}` (`info` ou `warning`)."),
			banner(&v.PrivateBanner, "NEXT_PUBLIC_ALERT_MESSAGE_PRIVATE", "Bandeau des pages des membres, de la même forme."),
			boolean(&v.ProductPictures, "NEXT_PUBLIC_FEATURE_SHOW_UPLOAD_IMAGE_PRODUCT_WIDGET", "false",
				"Proposer l’envoi d’une image de produit. L’ancienne version prenait tout texte non vide, même « false », pour vrai."),
		},
	}
}

func (c *Config) mapGroup() Group {
	return Group{
		Title: "Carte des membres",
		Note:  "Sans serveur de tuiles, la carte est un dessin des départements, et rien n’est demandé dehors.",
		Variables: []Variable{
			bind(&c.Map.TilesURL, "adresse web", parseTiles, "MAP_TILES_URL", "", "Serveur de tuiles : `https://…/{z}/{x}/{y}.png`. Le navigateur des membres l’appelle.").added(),
			text(&c.Map.TilesCredit, "MAP_TILES_CREDIT", "© les contributeurs d’OpenStreetMap", "Mention demandée par la licence des tuiles.").added(),
		},
	}
}
