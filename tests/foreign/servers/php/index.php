<?php
// The listing with PHP and PDO.
declare(strict_types=1);

function respond(mixed $value, int $status = 200): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
    exit;
}

function sign(string $text): string
{
    return hash_hmac('sha256', $text, getenv('TOKEN_SECRET'));
}

function accepted(string $token): bool
{
    [$expires, $signature] = explode('.', $token, 2) + ['', ''];
    return hash_equals(sign($expires), $signature) && (int) $expires > time();
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/api/token') {
    $key = json_decode(file_get_contents('php://input'), true) ?? [];
    if (($key['keyId'] ?? null) !== getenv('KEY_ID') || ($key['keySecret'] ?? null) !== getenv('KEY_SECRET')) {
        respond(['status' => 401, 'message' => 'Unknown access key'], 401);
    }
    $expires = (string) (time() + 3600);
    respond(['token' => $expires . '.' . sign($expires)]);
}

if (!accepted($_SERVER['HTTP_X_AUTHORIZATION'] ?? '')) {
    respond(['status' => 401, 'message' => 'A valid token is required'], 401);
}

if ($path !== '/api/integrations/provider') {
    respond(['status' => 404, 'message' => 'Not found'], 404);
}

$activeOnly = filter_var($_GET['activeOnly'] ?? 'true', FILTER_VALIDATE_BOOLEAN, FILTER_NULL_ON_FAILURE);
$category = $_GET['category'] ?? null;
if ($activeOnly === null || is_array($category)) {
    respond(['status' => 400, 'message' => 'Invalid parameter'], 400);
}

$database = new PDO('sqlite:' . getenv('DATABASE'), options: [
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
$query = 'SELECT provider.*, (SELECT COUNT(*) FROM model WHERE provider_id = provider.id) AS models_count
    FROM provider WHERE 1 = 1';
$values = [];
if ($category !== null) {
    $query .= ' AND category = ?';
    $values[] = $category;
}
if ($activeOnly) {
    $query .= ' AND enabled';
}
$statement = $database->prepare($query);
$statement->execute($values);
$tags = $database->prepare('SELECT key, value FROM tag WHERE provider_id = ?');

$found = [];
foreach ($statement->fetchAll() as $row) {
    $tags->execute([$row['id']]);
    $provider = [
        'name' => $row['name'],
        'type' => $row['type'],
        'category' => $row['category'],
        'description' => $row['description'],
        'configuration' => json_decode($row['configuration']),
        'enabled' => (bool) $row['enabled'],
        'tags' => $tags->fetchAll(),
        'createTime' => $row['create_time'],
        'updateTime' => $row['update_time'],
        'createdBy' => $row['created_by'],
        'updatedBy' => $row['updated_by'],
        'modelsCount' => $row['models_count'],
    ];
    $found[] = array_filter($provider, fn ($value) => $value !== null);
}
respond($found);
