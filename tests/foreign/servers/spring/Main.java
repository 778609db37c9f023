import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.HandlerInterceptorAdapter;

/** The listing with Spring Web MVC and Jackson, in an embedded Jetty. */
public class Main {
    static final Set<String> TOKENS = ConcurrentHashMap.newKeySet();

    public static void main(String[] args) throws Exception {
        ServletContextHandler handler = new ServletContextHandler();
        handler.setContextPath("/");
        handler.setResourceBase(".");
        handler.addServlet(new ServletHolder("dispatcher", new DispatcherServlet()), "/");
        int port = Integer.parseInt(System.getenv("PORT"));
        Server server = new Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(handler);
        server.start();
        server.join();
    }

    public static class TokenInterceptor extends HandlerInterceptorAdapter {
        @Override
        public boolean preHandle(
                HttpServletRequest request, HttpServletResponse response, Object handler)
                throws Exception {
            String token = request.getHeader("X-Authorization");
            if (token != null && TOKENS.contains(token)) {
                return true;
            }
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
            return false;
        }
    }

    @RestController
    public static class TokenController {
        @PostMapping("/api/token")
        public ResponseEntity<?> create(@RequestBody Map<String, String> key) {
            if (!System.getenv("KEY_ID").equals(key.get("keyId"))
                    || !System.getenv("KEY_SECRET").equals(key.get("keySecret"))) {
                return ResponseEntity.status(HttpStatus.UNAUTHORIZED).build();
            }
            String token = UUID.randomUUID().toString();
            TOKENS.add(token);
            return ResponseEntity.ok(Collections.singletonMap("token", token));
        }
    }

    @RestController
    @RequestMapping("/api/integrations")
    public static class IntegrationController {
        private final List<Integration> cluster;

        public IntegrationController() throws Exception {
            cluster = Arrays.asList(new ObjectMapper()
                    .readValue(new File(System.getenv("CLUSTER")), Integration[].class));
        }

        @GetMapping("/provider")
        public List<Provider> getProviders(
                @RequestParam(required = false) String category,
                @RequestParam(defaultValue = "true") boolean activeOnly) {
            return cluster.stream()
                    .filter(one -> category == null || category.equals(one.category))
                    .filter(one -> !activeOnly || one.enabled)
                    .map(Provider::new)
                    .collect(Collectors.toList());
        }

        @GetMapping("/provider/{name}/integration")
        public List<Model> getModels(
                @PathVariable String name,
                @RequestParam(defaultValue = "true") boolean activeOnly) {
            return cluster.stream()
                    .filter(one -> one.name.equals(name))
                    .flatMap(one -> one.models.stream())
                    .filter(model -> !activeOnly || model.enabled)
                    .collect(Collectors.toList());
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public static class Provider {
        public String name;
        public String type;
        public String category;
        public String description;
        public Map<String, Object> configuration;
        public boolean enabled;
        public List<Map<String, String>> tags;
        public Long createTime;
        public Long updateTime;
        public String createdBy;
        public String updatedBy;
        public int modelsCount;

        public Provider() {}

        Provider(Integration stored) {
            name = stored.name;
            type = stored.type;
            category = stored.category;
            description = stored.description;
            configuration = stored.configuration;
            enabled = stored.enabled;
            tags = stored.tags;
            createTime = stored.createTime;
            updateTime = stored.updateTime;
            createdBy = stored.createdBy;
            updatedBy = stored.updatedBy;
            modelsCount = stored.models.size();
        }
    }

    /** What is stored; the models are its own. */
    public static class Integration extends Provider {
        public List<Model> models;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public static class Model {
        public String api;
        public boolean enabled;
        public String description;
    }
}
