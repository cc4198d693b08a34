package broker

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"whichrole/internal/assume"
	"whichrole/internal/credcache"
	"whichrole/internal/partition"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// session is how STS is asked, and what for: besides the first credentials all that decides what it gives. A digest of both is
// the cache's key.
type session struct {
	Endpoint        string // AWS_ENDPOINT_URL_STS or the AWS config file's, "" for AWS's own
	Region          string
	Partition       string
	FIPS, DualStack bool
	CABundle        string // decides nothing but whether STS is believed to be STS
	Hops            []assume.Hop
}

// fields are the session's part of a key.
func (s session) fields() []credcache.Field {
	fields := []credcache.Field{credcache.F("sts", s.Endpoint, s.Region, s.Partition, strconv.FormatBool(s.FIPS), strconv.FormatBool(s.DualStack))}
	for _, h := range s.Hops {
		fields = append(fields,
			credcache.F("hop", h.RoleARN, h.SessionName, h.Duration.String(), h.ExternalID, h.SourceIdentity, h.Policy),
			credcache.F("transitive tag keys", h.TransitiveTagKeys...), credcache.F("policy ARNs", h.PolicyARNs...))
		for _, t := range h.Tags {
			fields = append(fields, credcache.F("tag", t.Key, t.Value))
		}
	}
	return fields
}

// maxChained is how long a session lasts at most that was asked for with another role's session (role chaining; the
// AssumeRole page of the AWS STS API reference).
const maxChained = time.Hour

// session is how the grant's roles are assumed.
func (b *Broker) session(g *rolemap.Grant, first First) session {
	s := b.sts(g.Partition, cmp.Or(g.Region, g.DefaultRegion), first.Choice)
	for _, h := range g.Hops {
		if first.Temporary() { // they may be a role's own, and STS refuses more to those
			h.Duration = min(h.Duration, maxChained)
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

// sts is how STS is asked for roles of a partition; region is the map's, "" for none.
func (b *Broker) sts(partition, region string, c *source.Choice) session {
	set := c.Settings
	return session{
		Endpoint: set.STSEndpoint, Region: b.stsRegion(partition, region, set.Region), Partition: partition,
		FIPS: set.FIPS, DualStack: set.DualStack, CABundle: set.CABundle,
	}
}

// stsRegion is the first of the map's region, AWS_REGION, AWS_DEFAULT_REGION and the source profile's region that lies in
// the partition, else the partition's usual one.
func (b *Broker) stsRegion(of, ofMap, ofProfile string) string {
	for _, region := range []string{ofMap, b.Env["AWS_REGION"], b.Env["AWS_DEFAULT_REGION"], ofProfile} {
		if region != "" && rolemap.CheckRegion(region, of) == nil {
			return region
		}
	}
	return cmp.Or(partition.Region(of), partition.Region("aws"))
}

// STS is where the roles of a decision are assumed, for explain: a region, or the endpoint that the user set.
func (b *Broker) STS(d *Decision, first First) string {
	s := b.session(d.Grant, first)
	if s.Endpoint == "" && !s.FIPS && !s.DualStack {
		return s.Region
	}
	host, err := b.client(s).Host(context.Background())
	if err != nil {
		return s.Region
	}
	return host + ", region " + s.Region
}

func (b *Broker) client(s session) *assume.Client {
	return &assume.Client{
		Region: s.Region, Endpoint: s.Endpoint, FIPS: s.FIPS, DualStack: s.DualStack, CABundle: s.CABundle,
		Env: b.Env, Now: b.Now, Version: b.Version(),
	}
}

// Limits are what the source keeps a decision's roles from being got as the map wants them, in words.
func (b *Broker) Limits(d *Decision, first First) (list []string) {
	if len(d.Grant.Hops) == 0 {
		return nil
	}
	if first.Temporary() {
		list = append(list, "its keys are temporary: the roles are asked for 1h at most")
	}
	if first.Token != nil && len(first.Hops) == 0 {
		if _, without := b.session(d.Grant, first).Hops[0].WithToken(); len(without) > 0 {
			list = append(list, "it is a token: the first role is asked for without "+strings.Join(without, ", ")+", which AWS takes from the token alone")
		}
	}
	return list
}
