// Package member holds the people of the community: their record, their missions, the
// addresses that they own and the state of the primary one, their teams, and the table of
// rights. Every other room may import it.
//
// Tables: member, mission, mission_startup, team_member, departure_hold.
package member
