import com.fasterxml.jackson.databind.ObjectMapper;
import com.netflix.conductor.client.exception.ConductorClientException;
import io.orkes.conductor.client.ApiClient;
import io.orkes.conductor.client.OrkesClients;
import java.io.File;
import java.util.Map;

public class Adapter {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> env = System.getenv();
        String active = env.get("CONFORMANCE_ACTIVE_ONLY");
        Object answer;
        try {
            // The SDK's objects have the contract's names.
            answer = new OrkesClients(new ApiClient()).getIntegrationClient().getIntegrations(
                    env.get("CONFORMANCE_CATEGORY"), active == null ? null : Boolean.valueOf(active));
        } catch (ConductorClientException error) {
            int status = error.getStatus();
            answer = Map.of("error", status == 0 ? Map.of() : Map.of("status", status));
        }
        new ObjectMapper().writeValue(new File(env.get("CONFORMANCE_ANSWER")), answer);
    }
}
