package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// match compares a pattern like /lists/{id} with an escaped path, segment by segment.
func match(pattern, path string) (map[string]string, bool) {
	patterns, segments := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(patterns) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, part := range patterns {
		if name, ok := strings.CutPrefix(part, "{"); ok && segments[i] != "" {
			value, err := url.PathUnescape(segments[i])
			if err != nil {
				return nil, false
			}
			values[strings.TrimSuffix(name, "}")] = value
		} else if part != segments[i] {
			return nil, false
		}
	}
	return values, true
}

func requestSchema(route *routers.Route) *openapi3.Schema {
	if route.Operation.RequestBody == nil || route.Operation.RequestBody.Value == nil {
		return nil
	}
	return jsonSchema(route.Operation.RequestBody.Value.Content)
}

func jsonSchema(content openapi3.Content) *openapi3.Schema {
	media := content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}

// unknownQuery reports query parameters that the operation does not name.
func (c *Contract) unknownQuery(name string, route *routers.Route, r *http.Request) {
	for _, key := range slices.Sorted(maps.Keys(r.URL.Query())) {
		known := route.Operation.Parameters.GetByInAndName("query", key) != nil ||
			route.PathItem.Parameters.GetByInAndName("query", key) != nil
		if !known {
			c.problem("%s: request: unknown query parameter %q", name, key)
		}
	}
}

// unknownProperties reports the properties of a JSON body that its schema does not name.
func (c *Contract) unknownProperties(where string, schema *openapi3.Schema, body []byte) {
	var value any
	if schema == nil || len(body) == 0 || json.Unmarshal(body, &value) != nil {
		return
	}
	c.compare(where, schema, value)
}

func (c *Contract) compare(where string, schema *openapi3.Schema, value any) {
	switch value := value.(type) {
	case []any:
		if schema.Items != nil && schema.Items.Value != nil {
			for _, element := range value {
				c.compare(where+"[]", schema.Items.Value, element)
			}
		}
	case map[string]any:
		c.compareObject(where, schema, value)
	}
}

func (c *Contract) compareObject(where string, schema *openapi3.Schema, value map[string]any) {
	known, closed := properties(schema)
	if !closed {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(value)) {
		property, ok := known[key]
		switch {
		case !ok:
			c.problem("%s: unknown property %q", where, key)
		case property.Value != nil:
			c.compare(fmt.Sprintf("%s.%s", where, key), property.Value, value[key])
		}
	}
}

// properties gathers the properties of a schema and of those that it is made of. The list is
// closed when it names at least one and nothing allows others.
func properties(schema *openapi3.Schema) (map[string]*openapi3.SchemaRef, bool) {
	known := maps.Clone(schema.Properties)
	if known == nil {
		known = map[string]*openapi3.SchemaRef{}
	}
	open := schema.AdditionalProperties.Has != nil && *schema.AdditionalProperties.Has || schema.AdditionalProperties.Schema != nil
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, part := range parts {
			if part.Value == nil {
				continue
			}
			more, closed := properties(part.Value)
			maps.Copy(known, more)
			open = open || !closed
		}
	}
	return known, !open && len(known) > 0
}
