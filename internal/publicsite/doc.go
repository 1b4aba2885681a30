// Package publicsite reads what the public site publishes (its JSON directory, or the Markdown
// files of its repository) into the portal: organizations, incubators, teams, products, members.
//
// The portal is master. What the site said of each record is kept, so that three versions are
// compared: what it said then, what it says now, what the portal says. A field that nobody
// edited here follows the site; an edited one stays, and the difference is told.
//
// Tables: site_source.
package publicsite
