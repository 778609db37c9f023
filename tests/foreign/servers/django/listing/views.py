"""The token and the listing, as views of Django REST framework."""

import os

from django.core import signing
from django.db.models import Count
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from listing.models import Provider
from listing.serializers import FilterSerializer, ProviderSerializer


class CreateToken(APIView):
    authentication_classes = ()
    permission_classes = ()

    def post(self, request):
        given = request.data.get("keyId"), request.data.get("keySecret")
        if given != (os.environ["KEY_ID"], os.environ["KEY_SECRET"]):
            raise AuthenticationFailed
        return Response({"token": signing.dumps(given[0])})


class ProviderList(ListAPIView):
    serializer_class = ProviderSerializer

    def get_queryset(self):
        query = FilterSerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = Provider.objects.annotate(models_count=Count("models")).prefetch_related("tags")
        if "category" in wanted:
            found = found.filter(category=wanted["category"])
        if wanted["activeOnly"]:
            found = found.filter(enabled=True)
        return found.order_by("id")
