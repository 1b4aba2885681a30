// Package org holds the bodies of the State around the products: organizations, which sponsor
// them, incubators, which carry them, and the teams of incubators.
//
// A body is known by its slug, the name of its file on the public site; identifiers are for
// links between tables only.
//
// Tables: organization, incubator, team.
package org
