import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The listing with Tomcat, servlets and a filter. */
public class Main {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Set<String> TOKENS = ConcurrentHashMap.newKeySet();

    public static void main(String[] args) throws Exception {
        JsonNode cluster = JSON.readTree(new File(System.getenv("CLUSTER")));
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir("tomcat");
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", new File(".").getAbsolutePath());
        Tomcat.addServlet(context, "token", new TokenServlet());
        context.addServletMappingDecoded("/api/token", "token");
        Tomcat.addServlet(context, "providers", new ProviderServlet(cluster));
        context.addServletMappingDecoded("/api/integrations/provider", "providers");
        FilterDef definition = new FilterDef();
        definition.setFilterName("token");
        definition.setFilter(new TokenFilter());
        context.addFilterDef(definition);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName("token");
        mapping.addURLPattern("/api/integrations/*");
        context.addFilterMap(mapping);
        ErrorReportValve errors = new ErrorReportValve();
        errors.setShowReport(false);
        errors.setShowServerInfo(false);
        tomcat.getHost().getPipeline().addValve(errors);
        tomcat.start();
        tomcat.getServer().await();
    }

    static void write(HttpServletResponse response, Object value) throws IOException {
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        JSON.writeValue(response.getOutputStream(), value);
    }

    static class TokenFilter implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            String token = ((HttpServletRequest) request).getHeader("X-Authorization");
            if (token == null || !TOKENS.contains(token)) {
                ((HttpServletResponse) response).sendError(HttpServletResponse.SC_UNAUTHORIZED);
                return;
            }
            chain.doFilter(request, response);
        }
    }

    static class TokenServlet extends HttpServlet {
        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            JsonNode key = JSON.readTree(request.getInputStream());
            if (!System.getenv("KEY_ID").equals(key.path("keyId").asText())
                    || !System.getenv("KEY_SECRET").equals(key.path("keySecret").asText())) {
                response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
                return;
            }
            String token = UUID.randomUUID().toString();
            TOKENS.add(token);
            write(response, JSON.createObjectNode().put("token", token));
        }
    }

    static class ProviderServlet extends HttpServlet {
        private final JsonNode cluster;

        ProviderServlet(JsonNode cluster) {
            this.cluster = cluster;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            String category = request.getParameter("category");
            String activeOnly = request.getParameter("activeOnly");
            boolean all = activeOnly != null && !Boolean.parseBoolean(activeOnly);
            ArrayNode found = JSON.createArrayNode();
            for (JsonNode stored : cluster) {
                if (category != null && !category.equals(stored.get("category").asText())) {
                    continue;
                }
                if (!all && !stored.get("enabled").asBoolean()) {
                    continue;
                }
                ObjectNode provider = stored.deepCopy();
                provider.put("modelsCount", provider.remove("models").size());
                found.add(provider);
            }
            write(response, found);
        }
    }
}
