package files_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/testing/filestest"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestTheDatabaseIsAStore(t *testing.T) {
	filestest.Conform(t, files.NewRows(pgtest.New(t)), clock.MustDay("2024-12-19").At(10, 0))
}
