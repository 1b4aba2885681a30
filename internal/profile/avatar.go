package profile

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/platform/picture"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// avatarKey is where the public site also looks for the picture of a member.
func avatarKey(username string) string { return "members/" + username + "/avatar.jpg" }

// atOnce is how many pictures are read at the same time: one may need 100 MiB of memory.
const atOnce = 2

// readers bounds how many pictures are read at the same time.
type readers chan struct{}

func (r readers) read(ctx context.Context, raw []byte) ([]byte, error) {
	select {
	case r <- struct{}{}:
		defer func() { <-r }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return picture.JPEG(raw, picture.Limits{})
}

// ChangeAvatar replaces the picture of a member with a file as received. What is not a picture is
// an Invalid fault of the field "photo".
func (s *Service) ChangeAvatar(ctx context.Context, who actor.Actor, username string, raw []byte) error {
	m, err := s.mayChangeAvatar(ctx, who, username)
	if err != nil {
		return err
	}
	made, err := s.readers.read(ctx, raw)
	if fault.Is(err, fault.Invalid) {
		return fault.Field("photo", fault.Public(err))
	}
	if err != nil {
		return err
	}
	file := files.File{MediaType: picture.MediaType, Content: made, UpdatedAt: s.clock.Now()}
	if err := s.ports.Files.Put(ctx, avatarKey(username), file); err != nil {
		return err
	}
	return s.tellAvatar(ctx, who, m, member.CodeAvatarUpdated)
}

// DeleteAvatar removes the picture of a member; without one it does nothing.
func (s *Service) DeleteAvatar(ctx context.Context, who actor.Actor, username string) error {
	m, err := s.mayChangeAvatar(ctx, who, username)
	if err != nil {
		return err
	}
	if has, err := s.HasAvatar(ctx, username); err != nil || !has {
		return err
	}
	if err := s.ports.Files.Delete(ctx, avatarKey(username)); err != nil {
		return err
	}
	return s.tellAvatar(ctx, who, m, member.CodeAvatarDeleted)
}

func (s *Service) mayChangeAvatar(ctx context.Context, who actor.Actor, username string) (member.Member, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return m, err
	}
	subject, err := member.SubjectFor(ctx, s.db, who, m.ID, clock.Today(s.clock))
	if err != nil {
		return m, err
	}
	return m, member.Can(who, member.ChangeAvatar, subject)
}

func (s *Service) tellAvatar(ctx context.Context, who actor.Actor, m member.Member, code audit.Code) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{At: s.clock.Now(), Actor: who.Username, Code: code, Member: m.ID, Subject: m.Username})
	})
}

// HasAvatar tells whether a member has a picture.
func (s *Service) HasAvatar(ctx context.Context, username string) (bool, error) {
	_, err := s.ports.Files.Stat(ctx, avatarKey(username))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) { // a name that no key may hold
		return false, nil
	}
	return err == nil, err
}

// Avatar is the picture of a member, or what stands for it.
type Avatar struct {
	File files.File // no content: there is no picture, or it has not changed
	// Tag changes with the picture. Unchanged tells that the browser already has it.
	Tag       string
	Unchanged bool
	Fullname  string
}

// Avatar reads the picture of a member, unless the browser has it already under a tag: Forbidden
// when the viewer may not see the member, Unavailable when the storage is down.
func (s *Service) Avatar(ctx context.Context, viewer actor.Actor, username, tag string) (Avatar, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return Avatar{}, err
	}
	subject, err := member.SubjectFor(ctx, s.db, viewer, m.ID, clock.Today(s.clock))
	if err != nil {
		return Avatar{}, err
	}
	if err := member.Can(viewer, member.ViewMember, subject); err != nil {
		return Avatar{}, err
	}
	a := Avatar{Fullname: m.Fullname}
	ctx, cancel := context.WithTimeout(ctx, avatarBudget)
	defer cancel()
	info, err := s.ports.Files.Stat(ctx, avatarKey(username))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.Tag = fmt.Sprintf(`"%x-%x"`, info.UpdatedAt.UnixNano(), info.Size)
	if a.Unchanged = a.Tag == tag; a.Unchanged {
		return a, nil
	}
	a.File, err = s.ports.Files.Get(ctx, avatarKey(username))
	if fault.Is(err, fault.NotFound) { // removed in between
		return Avatar{Fullname: m.Fullname}, nil
	}
	return a, err
}

// avatarBudget is how long a page waits for the storage of pictures.
const avatarBudget = 3 * time.Second
