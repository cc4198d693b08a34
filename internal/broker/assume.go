package broker

import (
	"context"
	"time"

	"whichrole/internal/assume"
	"whichrole/internal/credcache"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// session is everything besides the first credentials that decides what STS gives: a digest of it and of the source's
// identity is the cache's key.
type session struct {
	Endpoint  string // AWS_ENDPOINT_URL_STS, "" for AWS's own
	Region    string
	Partition string
	Hops      []assume.Hop
}

// MaxChained is how long a session lasts at most that was asked for with another role's session (role chaining; the
// AssumeRole page of the AWS STS API reference).
const MaxChained = time.Hour

func (b *Broker) session(g *rolemap.Grant, first First) session {
	s := session{Endpoint: b.Env["AWS_ENDPOINT_URL_STS"], Region: b.stsRegion(g, first), Partition: g.Partition}
	for _, h := range g.Hops {
		if first.Temporary { // they may be a role's own, and STS refuses more to those
			h.Duration = min(h.Duration, MaxChained)
		}
		hop := assume.Hop{
			RoleARN: h.RoleARN, SessionName: h.SessionName, Duration: h.Duration, ExternalID: h.ExternalID, SourceIdentity: h.SourceIdentity,
			TransitiveTagKeys: h.TransitiveTagKeys, Policy: h.Policy, PolicyARNs: h.PolicyARNs,
		}
		for _, t := range h.Tags {
			hop.Tags = append(hop.Tags, assume.Tag(t))
		}
		s.Hops = append(s.Hops, hop)
	}
	return s
}

// stsRegion is the first of the map's region, AWS_REGION, AWS_DEFAULT_REGION and the source profile's region that lies in
// the role's partition, else the partition's usual one.
func (b *Broker) stsRegion(g *rolemap.Grant, first First) string {
	for _, region := range []string{g.Region, b.Env["AWS_REGION"], b.Env["AWS_DEFAULT_REGION"], first.Region} {
		if region != "" && rolemap.CheckRegion(region, g.Partition) == nil {
			return region
		}
	}
	return partition.Region(g.Partition)
}

// STS is where the roles of a decision are assumed, for explain: a region, or the endpoint that the user set.
func (b *Broker) STS(d *Decision, first First) string {
	s := b.session(d.Grant, first)
	if s.Endpoint != "" {
		return s.Endpoint + " (AWS_ENDPOINT_URL_STS), region " + s.Region
	}
	return s.Region
}

func (b *Broker) client(s session) *assume.Client {
	return &assume.Client{Region: s.Region, Endpoint: s.Endpoint, CABundle: b.Env["AWS_CA_BUNDLE"], Env: b.Env, Now: b.Now, Version: b.Version()}
}

// mint gets first credentials and walks the chain. What comes out belongs to the grant's account, or nothing does.
func (b *Broker) mint(ctx context.Context, g *rolemap.Grant, first First, s session) (*credcache.Entry, error) {
	base, err := first.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	minted, err := b.client(s).Chain(ctx, assume.Start{Signer: first.Description, Credentials: base}, s.Hops)
	if err != nil {
		return nil, err
	}
	if err := guard(g, minted.Credentials.AccountID, "the role "+minted.RoleARN); err != nil {
		return nil, err
	}
	b.Log("assumed %s, request id %s", minted.AssumedRoleARN, minted.RequestID)
	return &credcache.Entry{
		Credentials: minted.Credentials, RoleARN: g.RoleARN(), Account: g.Account, RequestID: minted.RequestID,
		Environment: g.Environment, Operation: string(g.Operation),
	}, nil
}

// ownCredentials hands out the source's own, for an environment that names no role, once AWS has said whose they are.
func (b *Broker) ownCredentials(ctx context.Context, g *rolemap.Grant, first First, s session) (*Handed, error) {
	if g.PermissionSet != "" {
		return nil, problem.New(problem.Failure, "environment %s: permission_set is not served by this version", g.Environment).
			WithHint("use role_arn")
	}
	base, err := first.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	account, arn, err := b.client(s).Identity(ctx, assume.Start{Signer: first.Description, Credentials: base})
	if err != nil {
		return nil, err
	}
	if err := guard(g, account, arn); err != nil {
		return nil, err
	}
	base.AccountID = account
	h := &Handed{Credentials: base}
	if !base.Expires.IsZero() {
		h.Expiration = credcache.Printed(base.Expires)
	}
	return h, nil
}

// guard is the last line: credentials of another account are never handed out.
func guard(g *rolemap.Grant, account, whose string) error {
	if account == g.Account {
		return nil
	}
	return problem.New(problem.Refused, "environment %s is account %s, but %s belongs to account %s: nothing is handed out",
		g.Environment, g.Account, whose, account).WithHint("whichrole explain")
}
