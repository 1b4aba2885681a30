package consoleweb

import "github.com/betagouv/espace-membre/internal/platform/dsfr"

// level2 puts a tile's heading right under the title of the page.
func level2(t dsfr.TileParams) dsfr.TileParams {
	t.Level = 2
	return t
}
