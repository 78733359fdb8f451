package org.tdaplatform.streaming.job.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.avro.Schema;
import org.tdaplatform.streaming.job.log.LogTopic;

/** A schema registry by the HTTP interface that Confluent's and Apicurio's have in common. Connections leave no thread behind. */
public final class SchemaRegistry implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TIMEOUT_MS = 5_000;
  private static final int ATTEMPTS = 5;
  private static final long FIRST_WAIT_MS = 100;

  /** The registry does not answer, or not as one. */
  public static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private record Answer(int status, JsonNode body) {}

  private final String base;
  private final String authorization;

  /**
   * @param url of the interface; Apicurio's ends in `/apis/ccompat/v7`. A user and password in it are sent.
   */
  public SchemaRegistry(String url) {
    URI uri = URI.create(url);
    String user = uri.getUserInfo();
    authorization = user == null ? null : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    base = (user == null ? url : url.replace(uri.getRawUserInfo() + "@", "")).replaceAll("/+$", "");
  }

  /** null: it has no such schema. */
  public Schema find(int id) {
    Answer answer = ask("GET", "/schemas/ids/" + id, null);
    return answer.status() == 404 ? null : new Schema.Parser().parse(accepted(answer).get("schema").textValue());
  }

  /** The identifier of the topic's schema, which is registered where it is not yet. */
  public int register(LogTopic topic, String prefix) {
    String subject = URLEncoder.encode(topic.subject(prefix), StandardCharsets.UTF_8);
    ObjectNode body = JSON.createObjectNode().put("schema", textOf(topic)).put("schemaType", "AVRO");
    Answer found = ask("POST", "/subjects/" + subject, body);
    if (found.status() != 404) {
      return accepted(found).get("id").intValue();
    }
    // Before the first version, so that none comes to the subject unchecked.
    accepted(ask("PUT", "/config/" + subject, JSON.createObjectNode().put("compatibility", "BACKWARD_TRANSITIVE")));
    return accepted(ask("POST", "/subjects/" + subject + "/versions", body)).get("id").intValue();
  }

  /** Without blanks, as the other writers send it: registries tell schemas by their text. */
  private static String textOf(LogTopic topic) {
    try (InputStream in = SchemaRegistry.class.getResourceAsStream(topic.schemaResource())) {
      return JSON.writeValueAsString(JSON.readTree(in));
    } catch (IOException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static JsonNode accepted(Answer answer) {
    if (answer.status() != 200) {
      throw new UnavailableException("The schema registry answered " + answer.status() + ": " + answer.body(), null);
    }
    return answer.body();
  }

  /** An answer below 500. All that is asked may be asked again. */
  private Answer ask(String method, String path, JsonNode body) {
    for (int attempt = 1; ; attempt++) {
      Exception failure;
      try {
        Answer answer = send(method, path, body);
        if (answer.status() < 500 && answer.status() != 429) {
          return answer;
        }
        failure = new IOException("It answered " + answer.status() + ".");
      } catch (IOException broken) {
        failure = broken;
      }
      if (attempt == ATTEMPTS) {
        throw new UnavailableException("The schema registry " + base + " does not answer.", failure);
      }
      try {
        Thread.sleep(FIRST_WAIT_MS << (2 * (attempt - 1)));
      } catch (InterruptedException cancelled) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("The job ends.", cancelled);
      }
    }
  }

  private Answer send(String method, String path, JsonNode body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod(method);
    connection.setRequestProperty("Accept", "application/vnd.schemaregistry.v1+json");
    if (authorization != null) {
      connection.setRequestProperty("Authorization", authorization);
    }
    if (body != null) {
      connection.setRequestProperty("Content-Type", "application/vnd.schemaregistry.v1+json");
      connection.setDoOutput(true);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(JSON.writeValueAsBytes(body));
      }
    }
    int status = connection.getResponseCode();
    try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      byte[] text = in == null ? new byte[0] : in.readAllBytes();
      return new Answer(status, text.length == 0 ? JSON.nullNode() : JSON.readTree(text));
    } finally {
      connection.disconnect();
    }
  }
}
