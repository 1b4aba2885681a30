package ovh

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Plan is a kind of mailbox.
type Plan string

// The plans, named as in the settings.
const (
	PlanMX       Plan = "EMAIL_PLAN_BASIC"
	PlanPro      Plan = "EMAIL_PLAN_PRO"
	PlanExchange Plan = "EMAIL_PLAN_EXCHANGE"
)

// Account is a mailbox that exists at OVH.
type Account struct {
	Plan    Plan
	Address string
	Blocked bool // OVH stopped it (spam sent, abuse); told for MX only
}

// Identity is what Pro and Exchange mailboxes know of their owner.
type Identity struct {
	Local       string // part before the @
	DisplayName string
	FirstName   string
	LastName    string
}

// placeholderDomain is where OVH parks the paid accounts that nobody uses yet.
const placeholderDomain = "@configureme.me"

// Account finds the mailbox of a local part, in the order MX, Pro, Exchange; NotFound when no
// plan has it. Another error of any plan is an error: it is never read as an absence.
func (c *Client) Account(ctx context.Context, local string) (Account, error) {
	for _, find := range []func(context.Context, string) (Account, error){c.mx, c.pro, c.exchange} {
		account, err := find(ctx, local)
		if err == nil || !absent(err) {
			return account, err
		}
	}
	return Account{}, fault.New(fault.NotFound, "OVH ne connaît pas cette boîte.", "no such mailbox at ovh")
}

func (c *Client) mx(ctx context.Context, local string) (Account, error) {
	var answer struct {
		IsBlocked bool `json:"isBlocked"`
	}
	if err := c.do(ctx, http.MethodGet, c.domainPath("account", local), nil, &answer); err != nil {
		return Account{}, err
	}
	return Account{Plan: PlanMX, Address: c.address(local), Blocked: answer.IsBlocked}, nil
}

func (c *Client) pro(ctx context.Context, local string) (Account, error) {
	if c.config.ProService == "" {
		return Account{}, notConfigured(fault.NotFound, PlanPro)
	}
	return c.hosted(ctx, PlanPro, c.proPath(c.address(local)))
}

func (c *Client) exchange(ctx context.Context, local string) (Account, error) {
	if c.config.ExchangeService == "" {
		return Account{}, notConfigured(fault.NotFound, PlanExchange)
	}
	return c.hosted(ctx, PlanExchange, c.exchangePath(c.address(local)))
}

func (c *Client) hosted(ctx context.Context, plan Plan, path string) (Account, error) {
	var answer struct {
		PrimaryEmailAddress string `json:"primaryEmailAddress"`
	}
	if err := c.do(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return Account{}, err
	}
	return Account{Plan: plan, Address: answer.PrimaryEmailAddress}, nil
}

// Accounts lists the local parts of every mailbox of the domain, all plans, sorted, without
// the free placeholders. A failing plan is an error.
func (c *Client) Accounts(ctx context.Context) ([]string, error) {
	var locals []string
	if err := c.do(ctx, http.MethodGet, c.domainPath("account"), nil, &locals); err != nil {
		return nil, fmt.Errorf("list the MX mailboxes: %w", err)
	}
	for _, base := range c.hostedBases() {
		addresses, err := c.addresses(ctx, base, "@"+c.config.Domain)
		if err != nil {
			return nil, fmt.Errorf("list the hosted mailboxes: %w", err)
		}
		for _, a := range addresses {
			locals = append(locals, strings.TrimSuffix(a, "@"+c.config.Domain))
		}
	}
	slices.Sort(locals)
	return slices.Compact(locals), nil
}

func (c *Client) hostedBases() (bases []string) {
	if c.config.ProService != "" {
		bases = append(bases, c.proPath())
	}
	if c.config.ExchangeService != "" {
		bases = append(bases, c.exchangePath())
	}
	return bases
}

// addresses lists the hosted accounts whose address ends with suffix; OVH's filter is checked.
func (c *Client) addresses(ctx context.Context, base, suffix string) ([]string, error) {
	var all []string
	query := url.Values{"primaryEmailAddress": {"%" + suffix}}
	if err := c.do(ctx, http.MethodGet, base+"?"+query.Encode(), nil, &all); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a string) bool { return !strings.HasSuffix(a, suffix) }), nil
}
