package main // github.com/conductor-sdk/conductor-go
import (
	"context"
	"encoding/json"
	"github.com/antihax/optional"
	"github.com/conductor-sdk/conductor-go/sdk/client"
	"os"
)

func main() {
	filters := &client.GetIntegrationProvidersOpts{ActiveOnly: optional.NewBool(os.Getenv("CONFORMANCE_ACTIVE_ONLY") != "false")}
	if category, used := os.LookupEnv("CONFORMANCE_CATEGORY"); used {
		filters.Category = optional.NewString(category)
	}
	found, _, err := client.NewIntegrationClient(client.NewAPIClientFromEnv()).GetIntegrationProviders(context.Background(), filters)
	providers := []any{}
	for _, one := range found {
		providers = append(providers, map[string]any{"name": one.Name, "type": one.Type_, "category": one.Category, "configuration": one.Configuration, "enabled": one.Enabled, "modelsCount": one.ModelsCount, "description": one.Description, "tags": one.Tags})
	}
	text, _ := json.Marshal(providers)
	if refused, answered := err.(client.GenericSwaggerError); err != nil {
		text, _ = json.Marshal(map[string]any{"error": map[bool]any{true: map[string]int{"status": refused.StatusCode()}, false: map[string]int{}}[answered]})
	}
	os.WriteFile(os.Getenv("CONFORMANCE_ANSWER"), text, 0o600)
}
