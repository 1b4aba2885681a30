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

// Boxes lists every mailbox of the domain, one call a plan, sorted by address, without the free
// placeholders. A plan that fails, or answers something else than a list, is an error: a
// listing is never shorter than the truth without saying so.
func (c *Client) Boxes(ctx context.Context) ([]Account, error) {
	locals, err := c.list(ctx, c.domainPath("account"))
	if err != nil {
		return nil, fmt.Errorf("list the MX mailboxes: %w", err)
	}
	boxes := make([]Account, 0, len(locals))
	for _, local := range locals {
		boxes = append(boxes, Account{Plan: PlanMX, Address: c.address(local)})
	}
	for _, plan := range c.hostedPlans() {
		addresses, err := c.addresses(ctx, c.hostedPath(plan), "@"+c.config.Domain)
		if err != nil {
			return nil, fmt.Errorf("list the mailboxes of %s: %w", plan, err)
		}
		for _, address := range addresses {
			boxes = append(boxes, Account{Plan: plan, Address: address})
		}
	}
	slices.SortStableFunc(boxes, func(a, b Account) int { return strings.Compare(a.Address, b.Address) })
	return boxes, nil
}

// Accounts lists the local parts of every mailbox of the domain, all plans, sorted, each once:
// see Boxes.
func (c *Client) Accounts(ctx context.Context) ([]string, error) {
	boxes, err := c.Boxes(ctx)
	if err != nil {
		return nil, err
	}
	locals := make([]string, 0, len(boxes))
	for _, box := range boxes {
		locals = append(locals, strings.TrimSuffix(box.Address, "@"+c.config.Domain))
	}
	return slices.Compact(locals), nil
}

// hostedPlans are the paid plans that are configured.
func (c *Client) hostedPlans() (plans []Plan) {
	if c.config.ProService != "" {
		plans = append(plans, PlanPro)
	}
	if c.config.ExchangeService != "" {
		plans = append(plans, PlanExchange)
	}
	return plans
}

// Free lists the accounts of a paid plan that nobody uses yet, sorted; Invalid when the plan is
// not configured.
func (c *Client) Free(ctx context.Context, plan Plan) ([]string, error) {
	if !slices.Contains(c.hostedPlans(), plan) {
		return nil, notConfigured(fault.Invalid, plan)
	}
	free, err := c.addresses(ctx, c.hostedPath(plan), placeholderDomain)
	if err != nil {
		return nil, fmt.Errorf("list the free accounts of %s: %w", plan, err)
	}
	slices.Sort(free) // always the same choice: a retry does not take a second account
	return free, nil
}

// addresses lists the hosted accounts whose address ends with suffix; OVH's filter is checked.
func (c *Client) addresses(ctx context.Context, base, suffix string) ([]string, error) {
	query := url.Values{"primaryEmailAddress": {"%" + suffix}}
	all, err := c.list(ctx, base+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a string) bool { return !strings.HasSuffix(a, suffix) }), nil
}

// list reads a list of texts; an answer that is JSON's null is no list.
func (c *Client) list(ctx context.Context, path string) ([]string, error) {
	var all []string
	if err := c.do(ctx, http.MethodGet, path, nil, &all); err != nil {
		return nil, err
	}
	if all == nil {
		return nil, fault.New(fault.Unavailable, "OVH n’a pas donné de liste.", "ovh answered null instead of a list")
	}
	return all, nil
}
