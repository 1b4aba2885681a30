package app

import (
	"github.com/betagouv/espace-membre/internal/integration/objectstore"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// newFiles gives where pictures and documents are kept: an object storage when one is set, else
// the database.
func newFiles(settings config.Config, db postgres.DB) (files.Store, error) {
	if !settings.Enabled("s3") {
		return files.NewRows(db), nil
	}
	return newObjectStore(settings)
}

func newObjectStore(settings config.Config) (*objectstore.Client, error) {
	return objectstore.New(objectstore.Config{
		Endpoint: settings.S3.Host, KeyID: settings.S3.KeyID.Reveal(), Key: settings.S3.Key.Reveal(),
		Bucket: settings.S3.Bucket, Region: settings.S3.Region,
	})
}
