package publicsite

import (
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
)

// threeMissions are the missions of a person in three versions. Missions of the site have no
// identifier: they are matched by what they say.
type threeMissions struct {
	base, theirs, ours []member.ImportMission
	known              bool // base is what the site said; false: it was never imported
}

// mergedMissions is what the missions should be.
type mergedMissions struct {
	missions []member.ImportMission // with the identifiers of those that exist
	base     []member.ImportMission
	known    bool
	changed  bool
	kept     []string // French, one sentence for each mission that stays otherwise than on the site
}

func (m threeMissions) merge() mergedMissions {
	if !m.known && len(m.ours) > 0 {
		return m.meet()
	}
	result := mergedMissions{known: true, base: []member.ImportMission{}}
	toTheirs, toOurs := pair(m.base, m.theirs), pair(m.base, m.ours)
	ours := slices.Clone(m.ours)
	removed := map[int]bool{}
	for i, was := range m.base {
		t, o := toTheirs[i], toOurs[i]
		switch {
		case t < 0 && o < 0: // gone on both sides
		case t < 0 && sameMission(ours[o], was):
			removed[o], result.changed = true, true
		case t < 0:
			result.hold(was, "retirée du site, modifiée dans le portail")
		case o < 0:
			result.hold(was, "retirée du portail")
		case sameMission(ours[o], m.theirs[t]):
			result.base = append(result.base, m.theirs[t])
		case sameMission(ours[o], was):
			id := ours[o].ID
			ours[o] = m.theirs[t]
			ours[o].ID = id
			result.base, result.changed = append(result.base, m.theirs[t]), true
		default:
			result.hold(was, "modifiée dans le portail")
		}
	}
	ours = result.adopt(ours, unmatched(m.theirs, toTheirs), unmatched(ours, toOurs))
	for i, mission := range ours {
		if !removed[i] {
			result.missions = append(result.missions, mission)
		}
	}
	sortMissions(result.missions)
	sortMissions(result.base)
	return result
}

// adopt adds the missions that are new on the site, unless the portal has them already.
func (r *mergedMissions) adopt(ours, added, own []member.ImportMission) []member.ImportMission {
	match := pair(added, own)
	for i, mission := range added {
		switch {
		case match[i] < 0:
			ours = append(ours, mission)
			r.base, r.changed = append(r.base, mission), true
		case sameMission(own[match[i]], mission):
			r.base = append(r.base, mission)
		default:
			r.kept = append(r.kept, "mission du "+mission.Start.String()+" : différente dans le portail")
		}
	}
	return ours
}

// meet compares with the site, for the first time, a record that was made in the portal: it
// stays as it is.
func (m threeMissions) meet() mergedMissions {
	result := mergedMissions{missions: m.ours}
	match := pair(m.theirs, m.ours)
	all := len(m.theirs) == len(m.ours)
	for i := range m.theirs {
		all = all && match[i] >= 0 && sameMission(m.theirs[i], m.ours[match[i]])
	}
	if all {
		result.known, result.base = true, m.theirs
		return result
	}
	result.kept = []string{"saisies dans le portail"}
	return result
}

func (r *mergedMissions) hold(was member.ImportMission, reason string) {
	r.base = append(r.base, was)
	r.kept = append(r.kept, "mission du "+was.Start.String()+" : "+reason)
}

func sameMission(a, b member.ImportMission) bool {
	return a.Start == b.Start && a.End == b.End && a.Status == b.Status && a.Employer == b.Employer && slices.Equal(a.Startups, b.Startups)
}

// pair matches each mission of a with at most one of b, from the surest likeness to the
// loosest; -1 when there is none.
func pair(a, b []member.ImportMission) []int {
	match := slices.Repeat([]int{-1}, len(a))
	taken := make([]bool, len(b))
	for _, alike := range []func(x, y member.ImportMission) bool{
		sameMission,
		func(x, y member.ImportMission) bool { return x.Start == y.Start && x.End == y.End },
		func(x, y member.ImportMission) bool {
			return x.Start == y.Start && x.Status == y.Status && x.Employer == y.Employer
		},
		func(x, y member.ImportMission) bool { return x.Start == y.Start },
		func(x, y member.ImportMission) bool {
			return x.End == y.End && x.Status == y.Status && x.Employer == y.Employer
		},
	} {
		for i := range a {
			for j := range b {
				if match[i] < 0 && !taken[j] && alike(a[i], b[j]) {
					match[i], taken[j] = j, true
				}
			}
		}
	}
	return match
}

// unmatched lists the missions that nothing was matched with.
func unmatched(missions []member.ImportMission, match []int) []member.ImportMission {
	var left []member.ImportMission
	for i, mission := range missions {
		if !slices.Contains(match, i) {
			left = append(left, mission)
		}
	}
	return left
}

// sortMissions puts missions in the order in which the portal reads them.
func sortMissions(missions []member.ImportMission) {
	slices.SortStableFunc(missions, func(a, b member.ImportMission) int {
		x, y := a, b
		x.ID, y.ID = uuid.Nil, uuid.Nil
		return compareMissions(x, y)
	})
}
