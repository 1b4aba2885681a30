// Package objectstore keeps files in an object storage that speaks S3, through the client of
// MinIO. It knows no room. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/
//
// Every error is a fault. Keys appear in errors, contents never.
package objectstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
)

// Config is one bucket.
type Config struct {
	Endpoint string // https://…, without path
	KeyID    string
	Key      string
	Bucket   string
	Region   string        // empty: us-east-1, which most storages accept
	Timeout  time.Duration // of one call; zero: 10 s
}

// Client keeps files in a bucket; it implements files.Store and is safe for concurrent use.
type Client struct {
	api     *minio.Client
	bucket  string
	timeout time.Duration
}

// New makes a client; it does not connect.
func New(c Config) (*Client, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" || strings.Trim(endpoint.Path, "/") != "" {
		return nil, fmt.Errorf("not the address of an object storage: %q", c.Endpoint)
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	api, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.KeyID, c.Key, ""), Secure: endpoint.Scheme == "https", Region: c.Region,
		BucketLookup: minio.BucketLookupPath, MaxRetries: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the object storage: %w", err)
	}
	return &Client{api: api, bucket: c.Bucket, timeout: c.Timeout}, nil
}

// Ping tells whether the storage answers, accepts our key and has the bucket.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	exists, err := c.api.BucketExists(ctx, c.bucket)
	if err != nil {
		return translate("look for the bucket", "", err)
	}
	if !exists {
		return fault.New(fault.NotFound, "Le compartiment des fichiers n’existe pas.", "no bucket %s", c.bucket)
	}
	return nil
}

// Put implements files.Store. The date of the file is the storage's own.
func (c *Client) Put(ctx context.Context, key string, file files.File) error {
	if err := files.Check(key, file.Content); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := c.api.PutObject(ctx, c.bucket, key, bytes.NewReader(file.Content), int64(len(file.Content)),
		minio.PutObjectOptions{ContentType: file.MediaType, DisableMultipart: true})
	return translate("store", key, err)
}

// Get implements files.Store.
func (c *Client) Get(ctx context.Context, key string) (files.File, error) {
	if err := files.CheckKey(key); err != nil {
		return files.File{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	object, err := c.api.GetObject(ctx, c.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return files.File{}, translate("read", key, err)
	}
	defer func() { _ = object.Close() }() // read only
	content, err := io.ReadAll(io.LimitReader(object, files.MaxSize+1))
	if err != nil {
		return files.File{}, translate("read", key, err)
	}
	if len(content) > files.MaxSize {
		return files.File{}, fmt.Errorf("read file %s: larger than %d bytes", key, files.MaxSize)
	}
	info, err := object.Stat()
	if err != nil {
		return files.File{}, translate("read", key, err)
	}
	return files.File{MediaType: info.ContentType, Content: content, UpdatedAt: info.LastModified}, nil
}

// Stat implements files.Store.
func (c *Client) Stat(ctx context.Context, key string) (files.Info, error) {
	if err := files.CheckKey(key); err != nil {
		return files.Info{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	info, err := c.api.StatObject(ctx, c.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return files.Info{}, translate("look at", key, err)
	}
	return files.Info{MediaType: info.ContentType, Size: info.Size, UpdatedAt: info.LastModified}, nil
}

// Delete implements files.Store.
func (c *Client) Delete(ctx context.Context, key string) error {
	if err := files.CheckKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return translate("delete", key, c.api.RemoveObject(ctx, c.bucket, key, minio.RemoveObjectOptions{}))
}

// translate gives an error of the storage its kind; nil stays nil.
func translate(verb, key string, err error) error {
	if err == nil {
		return nil
	}
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	switch {
	case ok && (answer.Code == "NoSuchKey" || answer.StatusCode == http.StatusNotFound && answer.Code != "NoSuchBucket"):
		return fault.New(fault.NotFound, "Ce fichier n’existe pas.", "%s file %s: %w", verb, key, err)
	case ok && answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests:
		return fmt.Errorf("%s file %s: the storage refuses (%s): %w", verb, key, answer.Code, err)
	}
	return fault.New(fault.Unavailable, "Le stockage des fichiers ne répond pas.", "%s file %s: %w", verb, key, err)
}
